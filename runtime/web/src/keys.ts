/** Keys of the whole page, read from what is on it: `data-key="/"`, `data-key="c"`, or a chord `data-key="g d"`. */
import { all, dialogIsOpen, isTyping, on } from "./dom.ts";
import { openOver } from "./over.ts";

const CHORD_MILLISECONDS = 1500;
const REGIONS = ".k-side, .k-top, #main, .k-tabbar, .k-actbar, [data-region]";
const STOPS = "a[href], button:not(:disabled), input:not([type=hidden]):not(:disabled), select, textarea, summary, [tabindex='0']";

/** Whether the person has switched single letters off (`data-keys="off"` on the body). */
export function singleKeysAreOn(): boolean {
  return document.body.dataset["keys"] !== "off";
}

function isVisible(element: HTMLElement): boolean {
  return element.checkVisibility() && element.closest("[inert]") === null;
}

function find(key: string): HTMLElement | undefined {
  const found = all(document, `[data-key="${CSS.escape(key)}"]`);
  return found.find(isVisible) ?? found[0];
}

function beginsChord(key: string): boolean {
  return document.querySelector(`[data-key^="${CSS.escape(key)} "]`) !== null;
}

function act(element: HTMLElement): void {
  if (element.matches("input, textarea, select")) {
    element.focus();
    if (element instanceof HTMLInputElement) element.select();
  } else {
    element.click();
    // A menu that a key opened is gone through by keys.
    const menu = element.closest<HTMLDetailsElement>("details[data-menu]");
    if (element.matches("summary") && menu?.open) menu.querySelector<HTMLElement>(".k-pop :is(a[href], button)")?.focus();
  }
}

function labelOf(element: HTMLElement): string {
  const text = element.dataset["keyLabel"] ?? element.getAttribute("aria-label") ?? element.textContent ?? "";
  return text.replace(/\s+/g, " ").trim();
}

type Row = readonly [keys: string, label: string];

function rowsHere(): Row[] {
  const rows = new Map<string, string>();
  // What stands on the page has a key before what waits for it out of sight, as when the key is pressed.
  for (const element of all(document, "[data-key]").sort((a, b) => Number(a.hidden) - Number(b.hidden))) {
    const key = element.dataset["key"]!;
    if (!rows.has(key)) rows.set(key, labelOf(element));
  }
  // Keys are single signs: the order of an alphabet would cost more than the whole list does.
  return [...rows].sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
}

/** Keys that other elements handle by themselves, said as `data-keys-also="J K: Next, previous row; X: Select"`. */
function rowsAlso(): Row[] {
  return all(document, "[data-keys-also]").flatMap((element) =>
    element.dataset["keysAlso"]!.split(";").map((part): Row => [part.split(":")[0]!.trim(), part.split(":").slice(1).join(":").trim()]));
}

function fixedRows(): { list: Row[]; form: Row[]; anywhere: Row[] } {
  const grid = document.querySelector("table.k-grid") !== null;
  const form = document.querySelector("form[data-form]") !== null;
  return {
    list: grid ? [["J K", "Next, previous row"], ["Enter", "Open"], ["Space", "Look at the record beside the list"], ["X", "Select"], ["Shift ↑ ↓", "Select rows"], ["Shift Click", "Select up to here"], ["Ctrl A", "Select the page, again: all that match"], ["Left Right", "Move between cells"], ["F2", "Edit the cell"], ["Home End", "First, last row"]] : [],
    form: form ? [["Ctrl S", "Save"], ["Ctrl Enter", "Save"], ["Esc", "Give back, close"]] : [],
    anywhere: [
      ["Ctrl K", "Commands"], ["?", "This list"], ["F6", "Next region"], ["Shift F6", "Region before"],
      ["Ctrl Z", "Undo the last change"], ["Esc", "Close the top layer"],
    ],
  };
}

function section(title: string, rows: readonly Row[]): HTMLElement | null {
  if (rows.length === 0) return null;
  const box = document.createElement("section");
  const list = document.createElement("ul");
  list.className = "k-keys";
  for (const [keys, label] of rows) {
    const row = document.createElement("li");
    const names = document.createElement("span");
    for (const part of keys.split(" ")) {
      names.append(Object.assign(document.createElement("kbd"), { className: "k-kbd", textContent: part.length === 1 ? part.toUpperCase() : part }), " ");
    }
    row.append(Object.assign(document.createElement("span"), { textContent: label }), names);
    list.append(row);
  }
  box.append(Object.assign(document.createElement("h3"), { textContent: title }), list);
  return box;
}

/** Fills the dialog of keys with what works on this page. */
function showKeys(dialog: HTMLDialogElement): void {
  const here = rowsHere();
  const of = (test: (key: string) => boolean) => here.filter(([key]) => test(key));
  const fixed = fixedRows();
  const own = of((key) => !key.includes(" ") && key !== "/" && key !== "c" && key !== "?");
  const off = singleKeysAreOn() ? null : Object.assign(document.createElement("p"), {
    className: "k-note", textContent: "Single letters are switched off for you. Ctrl keys work. My settings switches letters on.",
  });
  const sections = [
    off,
    section("On this page", [...own, ...rowsAlso(), ...fixed.form]),
    section("List", fixed.list),
    section("Anywhere", [...of((key) => key === "/" || key === "c"), ...fixed.anywhere]),
    section("Go to", of((key) => key.startsWith("g "))),
    section("Create", of((key) => key.startsWith("c "))),
  ];
  dialog.querySelector("[data-keys-list]")?.replaceChildren(...sections.filter((one) => one !== null));
  openOver(dialog);
}

/** Puts the focus into the next region of the page, or the one before. */
function nextRegion(step: number): void {
  const regions = all(document, REGIONS).filter(isVisible);
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const region = regions[at < 0 ? 0 : (at + step + regions.length) % regions.length];
  if (region === undefined) return;
  const inside = region.id === "main" ? region : all(region, STOPS).find(isVisible);
  (inside ?? region).focus();
}

/**
 * Takes the first Tab of a page to its first stop. The browser would look at every element of the page before, for one
 * that wants to be first, and no page of ours has such a one.
 */
function startFirstTab(): void {
  const first = (event: KeyboardEvent) => {
    const stop = document.querySelector<HTMLElement>("a.k-skip");
    if (event.key !== "Tab" || event.shiftKey || event.altKey || event.ctrlKey || event.defaultPrevented) return;
    if (stop === null || document.activeElement !== document.body) return;
    // The place of an address, and what was found on the page, are where the browser goes on from.
    if (window.location.hash !== "" || window.getSelection()?.isCollapsed === false) return;
    event.preventDefault();
    stop.focus();
  };
  document.addEventListener("keydown", first);
  // From then on the browser knows where the person is.
  for (const name of ["focusin", "pointerdown"]) {
    document.addEventListener(name, () => document.removeEventListener("keydown", first), { once: true, capture: true });
  }
}

const earlier: ((event: KeyboardEvent) => void)[] = [];

/** Lets keys of something on the page, such as a cell of a list, come before those of the whole page. */
export function beforeKeys(handler: (event: KeyboardEvent) => void): void {
  earlier.push(handler);
}

/** Listens for single keys, chords of two, F6, and `?` for the list of all. */
export function startKeys(): void {
  startFirstTab();
  let first = "";
  let at = 0;
  document.addEventListener("keydown", (event) => {
    for (const handler of earlier) handler(event);
    if (event.key === "F6" && !event.ctrlKey && !event.altKey && !dialogIsOpen()) {
      event.preventDefault();
      nextRegion(event.shiftKey ? -1 : 1);
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.key === "Shift") return;
    if (isTyping(event.target) || !singleKeysAreOn() || dialogIsOpen()) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const chord = first !== "" && event.timeStamp - at < CHORD_MILLISECONDS ? find(`${first} ${key}`) : undefined;
    first = "";
    const dialog = document.querySelector<HTMLDialogElement>("dialog[data-keys-dialog]");
    const single = chord ?? find(key);
    if (chord === undefined && beginsChord(key)) {
      first = key;
      at = event.timeStamp;
    }
    if (single !== undefined) {
      event.preventDefault();
      act(single);
    } else if (first !== "") {
      event.preventDefault();
    } else if (key === "?" && dialog !== null) {
      event.preventDefault();
      showKeys(dialog);
    }
  });
  on("click", "[data-keys-open]", (_, event) => {
    const dialog = document.querySelector<HTMLDialogElement>("dialog[data-keys-dialog]");
    if (dialog === null) return;
    event.preventDefault();
    showKeys(dialog);
  });
}
