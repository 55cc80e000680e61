/** Keys of the whole page, read from what is on it: `data-key="/"`, `data-key="c"`, or a chord `data-key="g d"`. */
import { all, isTyping } from "./dom.ts";

const CHORD_MILLISECONDS = 1200;

/** Whether the person has switched single letters off (`data-keys="off"` on the body). */
export function singleKeysAreOn(): boolean {
  return document.body.dataset["keys"] !== "off";
}

function isVisible(element: HTMLElement): boolean {
  return element.getClientRects().length > 0 && element.closest("[inert]") === null;
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
  }
}

function labelOf(element: HTMLElement): string {
  const text = element.dataset["keyLabel"] ?? element.getAttribute("aria-label") ?? element.textContent ?? "";
  return text.replace(/\s+/g, " ").trim();
}

/** Fills the list inside the dialog of keys with what this page offers beside the fixed ones. */
function showKeys(dialog: HTMLDialogElement): void {
  const list = dialog.querySelector("[data-keys-list]");
  const rows = new Map(all(document, "[data-key]").map((element) => [element.dataset["key"]!, labelOf(element)]));
  list?.replaceChildren(
    ...[...rows].sort().map(([key, label]) => {
      const row = document.createElement("li");
      const name = document.createElement("span");
      const keys = document.createElement("span");
      name.textContent = label;
      for (const part of key.split(" ")) keys.append(Object.assign(document.createElement("kbd"), { textContent: part }), " ");
      row.append(name, keys);
      return row;
    }),
  );
  dialog.showModal();
}

/** Listens for single keys, chords of two, and `?` for the list of all. */
export function startKeys(): void {
  let first = "";
  let at = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || !singleKeysAreOn() || document.querySelector("dialog[open]") !== null) return;
    const chord = first !== "" && event.timeStamp - at < CHORD_MILLISECONDS ? find(`${first} ${event.key}`) : undefined;
    first = "";
    const dialog = document.querySelector<HTMLDialogElement>("dialog[data-keys-dialog]");
    const single = chord ?? find(event.key);
    if (single !== undefined) {
      event.preventDefault();
      act(single);
    } else if (beginsChord(event.key)) {
      event.preventDefault();
      first = event.key;
      at = event.timeStamp;
    } else if (event.key === "?" && dialog !== null) {
      event.preventDefault();
      showKeys(dialog);
    }
  });
  document.addEventListener("click", (event) => {
    const dialog = document.querySelector<HTMLDialogElement>("dialog[data-keys-dialog]");
    if (dialog === null || !(event.target as Element).closest("[data-keys-open]")) return;
    event.preventDefault();
    showKeys(dialog);
  });
}
