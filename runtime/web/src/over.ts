/**
 * Dialogs over the whole page that open at once, however long the page is. `showModal()` makes all of the page inert and
 * works out the style of each of its elements anew, on opening and on closing; here a veil keeps the pointer away and the
 * focus goes round inside, which is what inertness is for.
 */
import { all } from "./dom.ts";

const STOPS = "a[href], button:not(:disabled), input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex='0']";
/** The veil under each dialog that was opened once. */
const veils = new WeakMap<HTMLDialogElement, HTMLElement>();

function stops(dialog: HTMLDialogElement): HTMLElement[] {
  return all(dialog, STOPS).filter((one) => one.tabIndex >= 0 && one.getClientRects().length > 0);
}

function goRound(dialog: HTMLDialogElement, event: KeyboardEvent): void {
  const inside = stops(dialog);
  const at = document.activeElement;
  const edge = event.shiftKey ? inside[0] : inside.at(-1);
  if (inside.length > 0 && at !== edge && at !== dialog && dialog.contains(at)) return;
  event.preventDefault();
  (event.shiftKey ? inside.at(-1) : inside[0])?.focus();
}

/** Keeps the focus in when it comes back from the browser's own bars. */
function keepInside(event: FocusEvent): void {
  const top = all<HTMLDialogElement>(document, "dialog.k-over[open]").at(-1);
  if (top !== undefined && event.target instanceof Element && event.target.closest("dialog[open]") === null) stops(top)[0]?.focus();
}

/** Lays a veil under a dialog that opens for the first time, and gives it its keys. */
function prepare(dialog: HTMLDialogElement): HTMLElement {
  const veil = document.createElement("div");
  veil.className = "k-veil";
  dialog.classList.add("k-over");
  dialog.ariaModal = "true";
  // A press on it must not take the focus away: closing gives it back to where it was only from inside.
  veil.addEventListener("mousedown", (event) => event.preventDefault());
  veil.addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Tab") goRound(dialog, event);
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("close", () => veil.remove());
  veils.set(dialog, veil);
  return veil;
}

/** Opens a dialog that is a child of the body over everything else; the focus goes to what is marked `autofocus`, or first. */
export function openOver(dialog: HTMLDialogElement): void {
  dialog.before(veils.get(dialog) ?? prepare(dialog));
  // The same function is added once, however many dialogs open.
  document.addEventListener("focusin", keepInside);
  dialog.show();
}
