/** Cells of a list, on its own or beside a record: a cursor that the arrows move, and an editor over the cell. Not on phones; there rows only open. */
import { all, dialogIsOpen, isPhone, isTyping, on } from "./dom.ts";
import { release } from "./forms.ts";
import { ask } from "./http.ts";
import { beforeKeys, singleKeysAreOn } from "./keys.ts";
import { drawRow, recordOf, showRow } from "./live.ts";
import { showToast } from "./toasts.ts";

interface Saved {
  readonly state: "saved" | "refused" | "conflict";
  readonly row?: string;
  readonly version?: number;
  readonly text?: string;
  readonly undo?: string;
  readonly editor?: string;
}

interface Editing {
  readonly cell: HTMLTableCellElement;
  readonly before: Node[];
  drawn: string;
}

const FADE_MILLISECONDS = 600;
const INPUT = ".is-invalid, input:not([type=hidden]), select, textarea";
const OFFLINE = "This did not reach the server, so it is not saved yet. Save again when you are back online.";
let editing: Editing | null = null;
/** The cell whose editor is on its way, and what was typed since. */
let opening: { readonly cell: HTMLTableCellElement; typed: string } | null = null;
/** The editor in which a digit chooses: of the stage, opened by M. */
let numbered: HTMLFormElement | null = null;

function gridOf(element: Element): HTMLElement | null {
  return element.closest<HTMLElement>("table[data-editable]");
}

function columnOf(cell: HTMLTableCellElement): string {
  const head = gridOf(cell)?.querySelector("thead tr")?.children[cell.cellIndex];
  return head instanceof HTMLElement ? (head.dataset["column"] ?? "") : "";
}

function isEditable(cell: HTMLTableCellElement): boolean {
  const names = gridOf(cell)?.dataset["editable"]?.split(" ") ?? [];
  return names.includes(columnOf(cell)) && !cell.closest("tr")!.matches(".is-gone");
}

/** One tab stop for the whole table: the cursor's. */
function stopAt(element: HTMLElement): void {
  const grid = gridOf(element);
  if (grid === null) return;
  for (const other of all(grid, "tbody [tabindex='0']")) other.tabIndex = -1;
  element.tabIndex = 0;
}

function focusCell(cell: HTMLTableCellElement | null | undefined): void {
  if (!cell) return;
  const grid = gridOf(cell);
  for (const row of grid ? all(grid, "tr.is-cursor") : []) row.classList.remove("is-cursor");
  cell.closest("tr")!.classList.add("is-cursor");
  const target = cell.querySelector<HTMLElement>(".k-title a, summary") ?? cell;
  stopAt(target);
  target.focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function isShown(cell: HTMLTableCellElement): boolean {
  return cell.getClientRects().length > 0;
}

function neighbour(cell: HTMLTableCellElement, rows: number, cells: number): HTMLTableCellElement | null {
  const row = cell.closest("tr")!;
  const list = all<HTMLTableRowElement>(gridOf(cell)!, "tbody tr").filter((item) => recordOf(item) !== "");
  const to = list[list.indexOf(row as HTMLTableRowElement) + rows];
  if (to === undefined) return null;
  // Where there is little room, a row leaves out the cells that hold nothing.
  if (cells === 0) return isShown(to.cells[cell.cellIndex]!) ? to.cells[cell.cellIndex]! : to.cells[0]!;
  for (let at = cell.cellIndex + cells; to.cells[at] !== undefined; at += cells) {
    if (isShown(to.cells[at]!)) return to.cells[at]!.matches(".c0") ? null : to.cells[at]!;
  }
  return null;
}

/** The cell that comes next in edit, also in the row after. */
function nextEditable(cell: HTMLTableCellElement, step: number): HTMLTableCellElement | null {
  const cells = all<HTMLTableCellElement>(gridOf(cell)!, "tbody td");
  for (let at = cells.indexOf(cell) + step; at >= 0 && at < cells.length; at += step) {
    if (isEditable(cells[at]!) && isShown(cells[at]!)) return cells[at]!;
  }
  return null;
}

function content(form: HTMLFormElement): string {
  return [...new FormData(form)].map(([name, value]) => `${name}=${typeof value === "string" ? value : value.name}`).join("\n");
}

function place(cell: HTMLTableCellElement, markup: string): HTMLFormElement {
  cell.classList.remove("is-saving", "is-saved", "is-changed");
  cell.classList.add("is-edit");
  const holder = document.createElement("template");
  holder.innerHTML = markup; // apart, because the parser drops a form inside the form around the table
  cell.replaceChildren(holder.content);
  const form = cell.querySelector("form")!;
  form.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
  const below = cell.getBoundingClientRect().bottom + 180 > window.innerHeight;
  form.classList.toggle("is-up", below && form.matches(":not(.is-roomy)"));
  const input = form.querySelector<HTMLElement>(INPUT);
  input?.focus();
  if (input instanceof HTMLInputElement && /^(text|email|tel|url)$/.test(input.type)) input.select();
  return form;
}

async function open(cell: HTMLTableCellElement, first = "", byNumber = false): Promise<void> {
  if (isPhone() || !isEditable(cell) || cell.matches(".is-edit, .is-saving") || opening !== null) return;
  const record = recordOf(cell.closest("tr")!);
  const mine = (opening = { cell, typed: first });
  const answer = await ask(`${gridOf(cell)!.dataset["live"]}/${record}/cell/${columnOf(cell)}`).catch(() => null);
  const markup = (await answer?.text().catch(() => null)) ?? null;
  if (opening !== mine) return; // given back before it came
  const { typed } = mine;
  opening = null;
  if (!answer?.ok || markup === null) {
    const page = new DOMParser().parseFromString(markup ?? "", "text/html");
    const words = [...page.querySelectorAll("[data-problem] p")].map((part) => part.textContent?.trim()).join(" ");
    showToast({ text: words || "The server cannot be reached. Try again when you are back.", icon: "alert-circle" });
    return;
  }
  if (editing !== null) return;
  editing = { cell, before: [...cell.childNodes], drawn: "" };
  const form = place(cell, markup);
  editing.drawn = content(form);
  const input = form.querySelector<HTMLElement>(INPUT);
  numbered = byNumber ? form : null;
  if (byNumber && typed !== "") return void choose(form, typed[0]!);
  if (typed !== "" && input instanceof HTMLInputElement && !/^(date|datetime-local|time|checkbox|radio)$/.test(input.type)) {
    input.value = typed.replace("\n", "");
    input.dispatchEvent(new Event("input", { bubbles: true }));
    if (typed.endsWith("\n")) void save(form, null, null);
  }
}

function close(held: Editing): void {
  editing = null;
  held.cell.classList.remove("is-edit", "is-saving");
  held.cell.replaceChildren(...held.before);
}

/** What an editor would show, while its save is on the way. */
function shownText(form: HTMLFormElement): string {
  const input = form.querySelector<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>(INPUT);
  if (input instanceof HTMLSelectElement) return input.selectedOptions[0]?.textContent ?? "";
  return input?.value ?? "";
}

async function save(form: HTMLFormElement, button: HTMLButtonElement | null, go: HTMLTableCellElement | null): Promise<void> {
  const held = editing;
  if (held === null) return;
  if (content(form) === held.drawn && button === null && !form.matches("[data-cell-refused]")) {
    close(held);
    focusCell(go ?? held.cell);
    return;
  }
  const body = new FormData(form);
  if (button?.name) body.set(button.name, button.value);
  const related = gridOf(held.cell)?.dataset["relatedKey"];
  if (related === undefined) body.set("_list", window.location.search);
  else body.set("_related", related);
  const { cell } = held;
  editing = null;
  const waiting = Object.assign(document.createElement("span"), { className: "k-saving", textContent: shownText(form) });
  cell.replaceChildren(waiting);
  cell.classList.remove("is-edit");
  cell.classList.add("is-saving");
  focusCell(go ?? cell);
  if (go !== null) void open(go);
  try {
    const answer = await ask(form.action, { method: "POST", body });
    if (!answer.ok) throw new Error(await answer.text());
    shown(held, (await answer.json()) as Saved);
  } catch (error) {
    refuse(held, form, error instanceof TypeError ? OFFLINE : wordsOf(error as Error));
  } finally {
    release(form);
  }
}

function wordsOf(error: Error): string {
  const page = new DOMParser().parseFromString(error.message, "text/html");
  return page.querySelector("[data-problem] p")?.textContent ?? "This did not work, and nothing was changed. Try again.";
}

/** Puts an editor back with its words, when its save was not done. */
function refuse(held: Editing, form: HTMLFormElement, words: string): void {
  const other = editing;
  if (other !== null) close(other);
  held.cell.classList.remove("is-saving");
  held.cell.classList.add("is-edit");
  held.cell.replaceChildren(form);
  form.classList.add("is-refused");
  form.dataset["cellRefused"] = "";
  const line = Object.assign(document.createElement("p"), { className: "k-err", role: "alert", textContent: words });
  form.querySelector(".k-cell-under")?.replaceChildren(line);
  editing = held;
  form.querySelector<HTMLElement>(INPUT)?.focus();
}

function shown(held: Editing, answer: Saved): void {
  const { cell } = held;
  if (answer.state !== "saved") {
    if (editing !== null) close(editing);
    editing = held;
    place(cell, answer.editor ?? "");
    held.drawn = "";
    return;
  }
  const record = recordOf(cell.closest("tr")!);
  cell.classList.remove("is-saving");
  cell.replaceChildren(...held.before);
  const row = cell.closest("tr")!;
  if (answer.row && row.dataset["record"]) drawRow(row, answer.row);
  else if (answer.row) showRow(record, answer.row, answer.version ?? 0);
  cell.classList.add("is-saved");
  window.setTimeout(() => cell.classList.remove("is-saved"), FADE_MILLISECONDS);
  if (document.activeElement === document.body || document.activeElement === cell) focusCell(cell);
  if (answer.text) showToast({ text: answer.text, ...(answer.undo ? { undo: answer.undo } : {}) });
  row.dispatchEvent(new CustomEvent("kith:cell-saved", { bubbles: true }));
}

/** Chooses the stage of a number and saves; false where there is none. */
function choose(form: HTMLFormElement, digit: string): boolean {
  const menu = form.querySelector<HTMLSelectElement>("select");
  const stage = /^[1-9]$/.test(digit) ? [...(menu?.options ?? [])].filter((option) => option.value !== "")[Number(digit) - 1] : undefined;
  if (stage === undefined) return false;
  stage.selected = true;
  void save(form, null, null);
  return true;
}

/** Opens the stage of a row for a digit; where the list does not show it, the dialog that moves the selected rows. */
function moveRow(row: HTMLTableRowElement): void {
  const grid = gridOf(row)!;
  const at = [...grid.querySelectorAll<HTMLElement>("thead th")].findIndex((head) => head.dataset["column"] === grid.dataset["stage"]);
  const cell = at < 0 ? undefined : row.cells[at];
  if (cell !== undefined && isEditable(cell)) {
    focusCell(cell);
    return void open(cell, "", true);
  }
  const box = row.querySelector<HTMLInputElement>("[data-select]");
  const button = grid.closest("form")?.querySelector<HTMLElement>("[data-run-open][value=stage]");
  if (box === null || !button) return;
  if (!box.checked) box.click();
  button.click();
}

function inEditor(form: HTMLFormElement, event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || editing === null) return;
  if (form === numbered && choose(form, event.key)) return event.preventDefault();
  const { cell } = editing;
  const target = event.target as Element;
  if (event.key === "Escape") {
    event.preventDefault();
    close(editing);
    focusCell(cell);
    if (form.matches("[data-cell-refused]")) document.dispatchEvent(new CustomEvent("kith:rows"));
  } else if (event.key === "Enter" && !target.matches("button, a") && (event.ctrlKey || event.metaKey || !form.matches("[data-cell-lines]") || !target.matches("textarea"))) {
    event.preventDefault();
    void save(form, null, null);
  } else if (event.key === "Tab" && !form.matches("[data-cell-refused]") && leaves(form, target, event.shiftKey)) {
    event.preventDefault();
    void save(form, null, nextEditable(cell, event.shiftKey ? -1 : 1));
  }
}

/** Tells whether Tab would leave the editor: those with several inputs are gone through first. */
function leaves(form: HTMLFormElement, target: Element, back: boolean): boolean {
  const stops = all(form, "input:not([type=hidden]), select, textarea, button").filter((item) => item.tabIndex >= 0 && item.getClientRects().length > 0);
  return target === stops.at(back ? 0 : -1);
}

/** Keeps what is typed until the editor is there, before any other key of the page has its turn. */
function early(event: KeyboardEvent): void {
  // The cursor of a title is on the link in its cell.
  if (opening === null || !opening.cell.contains(document.activeElement) || event.ctrlKey || event.metaKey || event.altKey) return;
  const said = event.key === "Enter" ? "\n" : event.key;
  const isEscape = event.key === "Escape";
  if (said.length !== 1 && !isEscape) return;
  event.preventDefault();
  event.stopPropagation();
  if (isEscape) opening = null;
  else if (opening.typed === "" ? said !== "\n" : !opening.typed.endsWith("\n")) opening.typed += said;
}

function inGrid(event: KeyboardEvent): void {
  const focus = document.activeElement;
  const cell = focus?.closest<HTMLTableCellElement>("table[data-editable] tbody td") ?? null;
  if (cell === null || focus?.closest("form[data-cell]") || isPhone() || isTyping(event.target) || event.defaultPrevented || event.altKey || dialogIsOpen()) return;
  const rtl = document.documentElement.dir === "rtl";
  const inCell = focus === cell;
  const sideways: Record<string, number> = { ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1 };
  const upright: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
  if (event.ctrlKey || event.metaKey) return;
  if (event.key in sideways && !event.shiftKey) {
    event.preventDefault();
    focusCell(neighbour(cell, 0, sideways[event.key]!));
  } else if (inCell && event.key in upright && !event.shiftKey) {
    event.preventDefault();
    focusCell(neighbour(cell, upright[event.key]!, 0));
  } else if (event.key === "F2" || (inCell && event.key === "Enter")) {
    event.preventDefault();
    void open(cell);
  } else if (!inCell && event.key === "m" && singleKeysAreOn() && gridOf(cell)?.dataset["stage"]) {
    event.preventDefault();
    moveRow(cell.closest("tr")!);
  } else if (inCell && event.key === "Escape") {
    event.preventDefault();
    focusCell(cell.closest("tr")!.querySelector<HTMLTableCellElement>("td.p-title, td.p-lead"));
  } else if (inCell && event.key.length === 1 && event.key !== " " && isEditable(cell)) {
    event.preventDefault();
    void open(cell, event.key);
  }
}

/** Makes the rows one tab stop; the arrows move from there. */
export function prepareCells(root: ParentNode): void {
  if (isPhone()) return;
  for (const grid of all(root, "table[data-editable]")) {
    for (const stop of all(grid, "tbody :is(a, button, input, summary)")) stop.tabIndex = -1;
    for (const cell of all<HTMLTableCellElement>(grid, "tbody td:not(.c0, .p-title, .p-lead, .p-menu)")) cell.tabIndex = -1;
    const first = grid.querySelector<HTMLElement>("tbody .k-title a");
    if (first !== null) first.tabIndex = 0;
  }
}

/** Keys that move between cells and open their editor; they come before those of the page. */
export function startCellKeys(): void {
  document.addEventListener("keydown", early, { capture: true });
  beforeKeys(inGrid);
}

/** The editor of a cell: by double click, saved by Enter, Tab and leaving, given back by Escape. */
export function startCells(): void {
  on("keydown", "form[data-cell]", (form, event) => inEditor(form as HTMLFormElement, event));
  on("focusin", "table[data-editable] .k-title a", (link) => stopAt(link));
  on("click", "table[data-editable] a.k-want", (words, event) => {
    if (isPhone()) return;
    event.preventDefault();
    void open(words.closest("td")!);
  });
  on("dblclick", "table[data-editable] tbody td", (cell, event) => {
    if ((event.target as Element).closest("a, input, button, [data-cell]") === null) void open(cell as HTMLTableCellElement);
  });
  // On the way down: the form around the table stops what would bubble through it from a form inside.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-cell]")) return;
    event.preventDefault();
    void save(form, event.submitter as HTMLButtonElement | null, null);
  }, { capture: true });
  on("focusout", "form[data-cell]", (form, event) => {
    const next = event.relatedTarget;
    if (!document.hasFocus() || editing === null || !form.isConnected || form.hasAttribute("data-cell-refused")) return;
    if (next instanceof Node && form.contains(next)) return;
    const { cell } = editing;
    if (content(form as HTMLFormElement) === editing.drawn) close(editing);
    else void save(form as HTMLFormElement, null, next instanceof Element ? (next.closest<HTMLTableCellElement>("td") ?? cell) : cell);
  });
}
