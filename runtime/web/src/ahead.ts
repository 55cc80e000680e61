/** Typing ahead: what is typed while an editor is on its way is kept from the keys of the page, and put into it when it comes. */
import { isTyping } from "./dom.ts";

/** After that the page hears its keys again, whatever became of the editor. */
const MOST_MILLISECONDS = 5000;
/** Where the editors come; another input that takes the focus meanwhile, such as of a sign-in, is not meant. */
const EDITORS = "form[data-inline], form[data-composer], form[data-related-form], dialog.k-newdlg";

let kept: string | null = null;
let timer = 0;

function end(): string {
  const typed = kept ?? "";
  kept = null;
  window.clearTimeout(timer);
  return typed;
}

/** Says that an editor was asked for, which will take the focus. */
export function typeAhead(): void {
  if (isTyping(document.activeElement)) return;
  end();
  kept = "";
  timer = window.setTimeout(end, MOST_MILLISECONDS);
}

function hold(event: KeyboardEvent): void {
  if (kept === null || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" || event.key === "Tab") return void end();
  if (event.key === "Backspace") kept = kept.slice(0, -1);
  else if (event.key.length === 1) kept += event.key;
  else if (event.key !== "Enter") return;
  event.preventDefault();
  event.stopPropagation();
}

function give(event: FocusEvent): void {
  if (kept === null || !(event.target instanceof Element) || !event.target.matches("input, select, textarea")) return;
  const typed = end();
  if (typed === "" || event.target.closest(EDITORS) === null) return;
  // Once the editor has put its cursor where it wants it; as if typed, so that its own behaviours hear of it.
  queueMicrotask(() => document.execCommand("insertText", false, typed));
}

/** Listens before every other key of the page. */
export function startAhead(): void {
  document.addEventListener("keydown", hold, { capture: true });
  document.addEventListener("focusin", give);
  for (const name of ["pointerdown", "htmx:sendError", "htmx:responseError"]) document.addEventListener(name, end);
}
