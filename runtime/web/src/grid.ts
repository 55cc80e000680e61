/** The row cursor in a table of records (`table.k-grid`), and the keys that select rows. */
import { all, dialogIsOpen, isTyping, openParts } from "./dom.ts";
import { singleKeysAreOn } from "./keys.ts";
import { clearSelection, showSelection } from "./selection.ts";

const MOVES: Record<string, (at: number, last: number) => number> = {
  j: (at, last) => Math.min(at + 1, last),
  ArrowDown: (at, last) => Math.min(at + 1, last),
  k: (at) => Math.max(at - 1, 0),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_at, last) => last,
};
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
    clearSelection(grid);
  }
}

/** Moves the cursor with J, K, arrows, Home and End; X ticks, Enter opens, Escape clears. */
export function startGrid(): void {
  document.addEventListener("keydown", press);
}
