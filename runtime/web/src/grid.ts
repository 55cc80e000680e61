/** The row cursor and the selection in a table of records (`table.k-grid`). */
import { all, dialogIsOpen, isTyping, on, openParts } from "./dom.ts";
import { singleKeysAreOn } from "./keys.ts";

const MOVES: Record<string, (at: number, last: number) => number> = {
  j: (at, last) => Math.min(at + 1, last),
  ArrowDown: (at, last) => Math.min(at + 1, last),
  k: (at) => Math.max(at - 1, 0),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_at, last) => last,
};
let lastTicked: HTMLInputElement | null = null;
/** Where a selection by Shift and arrows began. */
let anchor = -1;

/** The rows that stand for records. */
export function rowsOf(grid: HTMLElement): HTMLElement[] {
  return all(grid, "tbody tr").filter((row) => row.querySelector(".k-title a, [data-select]") !== null);
}

/** Puts the cursor on a row. */
export function moveTo(rows: HTMLElement[], index: number): void {
  for (const row of rows) row.classList.remove("is-cursor");
  const row = rows[index];
  if (row === undefined) return;
  row.classList.add("is-cursor");
  row.querySelector<HTMLElement>(".k-title a")?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/** Shows what is ticked: the rows, the box in the head, and the count. */
export function showSelection(grid: HTMLElement): void {
  const boxes = all<HTMLInputElement>(grid, "[data-select]");
  const ticked = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr")?.setAttribute("aria-selected", String(box.checked));
  grid.classList.toggle("k-grid-sel", ticked.length > 0);
  const head = grid.querySelector<HTMLInputElement>("[data-select-all]");
  if (head !== null) {
    head.checked = boxes.length > 0 && ticked.length === boxes.length;
    head.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
  }
  const scope = grid.closest("form") ?? document;
  for (const place of all(scope, "[data-bulk-count]")) place.textContent = String(ticked.length);
  grid.dispatchEvent(new CustomEvent("kith:selected", { bubbles: true }));
}

function tickRange(grid: HTMLElement, from: HTMLInputElement, to: HTMLInputElement): void {
  const boxes = all<HTMLInputElement>(grid, "[data-select]");
  const [start, end] = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b) as [number, number];
  if (start < 0) return;
  for (const box of boxes.slice(start, end + 1)) box.checked = to.checked;
}

function tick(row: HTMLElement | undefined, on: boolean): void {
  const box = row?.querySelector<HTMLInputElement>("[data-select]");
  if (box) box.checked = on;
}

/** Moves the cursor by one and ticks all from where Shift was pressed first. */
function extend(grid: HTMLElement, rows: HTMLElement[], at: number, to: number): void {
  if (anchor < 0) anchor = Math.max(at, 0);
  for (const [index, row] of rows.entries()) {
    const inside = index >= Math.min(anchor, to) && index <= Math.max(anchor, to);
    if (inside || index === at) tick(row, inside);
  }
  moveTo(rows, to);
  showSelection(grid);
}

function press(event: KeyboardEvent): void {
  const grid = document.querySelector<HTMLElement>("table.k-grid");
  const inLayer = dialogIsOpen() || openParts("details", "data-menu").length > 0 || document.activeElement?.closest(".k-pop, .k-side, [role=tablist]");
  if (grid === null || inLayer || event.defaultPrevented || isTyping(event.target)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || (!singleKeysAreOn() && event.key.length === 1)) return;
  const rows = rowsOf(grid);
  const at = rows.findIndex((row) => row.classList.contains("is-cursor") || row.contains(document.activeElement));
  const move = MOVES[event.key];
  if (!event.shiftKey) anchor = -1;
  if (event.shiftKey && event.key.startsWith("Arrow") && move !== undefined && grid.querySelector("[data-select]") !== null) {
    event.preventDefault();
    extend(grid, rows, at, move(at, rows.length - 1));
  } else if (move !== undefined) {
    event.preventDefault();
    moveTo(rows, move(at, rows.length - 1));
  } else if (event.key === "x" && at >= 0) {
    rows[at]?.querySelector<HTMLInputElement>("[data-select]")?.click();
  } else if (event.key === "Enter" && at >= 0 && document.activeElement === document.body) {
    rows[at]?.querySelector<HTMLElement>(".k-title a")?.click();
  } else if (event.key === "Escape" && grid.classList.contains("k-grid-sel")) {
    for (const box of all<HTMLInputElement>(grid, "[data-select]")) box.checked = false;
    showSelection(grid);
  }
}

/** Moves the cursor with J, K, arrows, Home and End; X ticks, Enter opens, Escape clears; Shift ticks a range. */
export function startGrid(): void {
  document.addEventListener("keydown", press);
  on("change", "[data-select-all]", (head) => {
    const grid = head.closest<HTMLElement>("table")!;
    for (const box of all<HTMLInputElement>(grid, "[data-select]")) box.checked = (head as HTMLInputElement).checked;
    showSelection(grid);
  });
  on("click", "[data-select]", (element, event) => {
    const box = element as HTMLInputElement;
    const grid = box.closest<HTMLElement>("table")!;
    if (event.shiftKey && lastTicked !== null) tickRange(grid, lastTicked, box);
    lastTicked = box;
    showSelection(grid);
  });
  on("click", "[data-bulk-clear]", (button) => {
    const grid = button.closest("form")?.querySelector<HTMLElement>("table.k-grid");
    for (const box of all<HTMLInputElement>(grid ?? document, "[data-select]")) box.checked = false;
    if (grid) showSelection(grid);
  });
  for (const grid of all(document, "table.k-grid")) showSelection(grid); // a reload keeps ticks
}
