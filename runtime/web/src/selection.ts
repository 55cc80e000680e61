/** What is ticked among records: rows of a table, or cards of a board. */
import { all, on } from "./dom.ts";

const HOLDERS = "table.k-grid, .k-board";
let lastTicked: HTMLInputElement | null = null;

/** The table or board in which an element stands. */
export function holderOf(element: Element): HTMLElement | null {
  return element.closest<HTMLElement>(HOLDERS);
}

/** The table or board of a form, or of a whole page. */
export function holderIn(scope: ParentNode): HTMLElement | null {
  return scope.querySelector<HTMLElement>(HOLDERS);
}

/** The boxes of a table or board. */
export function boxesOf(holder: ParentNode): HTMLInputElement[] {
  return all<HTMLInputElement>(holder, "[data-select]");
}

/** Shows what is ticked: the rows or cards, the box in the head, and the count. */
export function showSelection(holder: HTMLElement): void {
  const boxes = boxesOf(holder);
  const ticked = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr")?.setAttribute("aria-selected", String(box.checked));
  holder.classList.toggle("k-grid-sel", ticked.length > 0);
  const head = holder.querySelector<HTMLInputElement>("[data-select-all]");
  if (head !== null) {
    head.checked = boxes.length > 0 && ticked.length === boxes.length;
    head.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
  }
  const scope = holder.closest("form") ?? document;
  for (const place of all(scope, "[data-bulk-count]")) place.textContent = String(ticked.length);
  holder.dispatchEvent(new CustomEvent("kith:selected", { bubbles: true }));
}

/** Takes every tick away. */
export function clearSelection(holder: HTMLElement): void {
  for (const box of boxesOf(holder)) box.checked = false;
  showSelection(holder);
}

function tickRange(holder: HTMLElement, from: HTMLInputElement, to: HTMLInputElement): void {
  const boxes = boxesOf(holder);
  const [start, end] = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b) as [number, number];
  if (start < 0) return;
  for (const box of boxes.slice(start, end + 1)) box.checked = to.checked;
}

/** Listens for ticks; Shift ticks all from the last one on. */
export function startSelection(): void {
  on("change", "[data-select-all]", (head) => {
    const holder = holderOf(head)!;
    for (const box of boxesOf(holder)) box.checked = (head as HTMLInputElement).checked;
    showSelection(holder);
  });
  on("click", "[data-select]", (element, event) => {
    const box = element as HTMLInputElement;
    const holder = holderOf(box)!;
    if (event.shiftKey && lastTicked !== null) tickRange(holder, lastTicked, box);
    lastTicked = box;
    showSelection(holder);
  });
  on("click", "[data-bulk-clear]", (button) => {
    const holder = holderIn(button.closest("form") ?? document);
    if (holder !== null) clearSelection(holder);
  });
  for (const holder of all(document, HOLDERS)) showSelection(holder); // a reload keeps ticks
}
