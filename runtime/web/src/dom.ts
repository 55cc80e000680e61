/** Small helpers shared by the behaviours. */

/** Calls `handler` for events inside an element that matches `selector`, wherever and whenever it appears. */
export function on<Name extends keyof DocumentEventMap>(
  name: Name,
  selector: string,
  handler: (element: HTMLElement, event: DocumentEventMap[Name]) => void,
): void {
  document.addEventListener(name, (event) => {
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null;
    if (target !== null) handler(target, event);
  });
}

/** Finds all matches below `root`, and `root` itself when it matches. */
export function all<Kind extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): Kind[] {
  const found = [...root.querySelectorAll<Kind>(selector)];
  return root instanceof HTMLElement && root.matches(selector) ? [root as Kind, ...found] : found;
}

/** Finds the input, or the rows, where two values were settled in the form of this page just now. */
export function settledAt(): HTMLElement | null {
  return pointedAt(`#${document.querySelector<HTMLElement>("[data-settled]")?.dataset["settled"] ?? ""}`);
}

/**
 * Finds the folded or floating parts of a page that are open. Keys ask for them all day, and by the name of the element
 * the browser knows them at once: a selector would be tried on every element of the page.
 */
export function openParts<Name extends "dialog" | "details">(name: Name, mark = ""): HTMLElementTagNameMap[Name][] {
  return [...document.getElementsByTagName(name)].filter((part) => part.open && (mark === "" || part.hasAttribute(mark)));
}

/** Tells whether a dialog is open, over the page or beside it. */
export function dialogIsOpen(): boolean {
  return openParts("dialog").length > 0;
}

/** Tells whether the person is typing, so that single keys belong to the text. */
export function isTyping(target: EventTarget | null): boolean {
  // The input of a dialog that has just closed keeps the focus until the page is drawn again; nobody types there.
  if (!(target instanceof HTMLElement) || target.closest("dialog:not([open])") !== null) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target.matches("input") && !/^(button|checkbox|radio|submit|reset|file|range)$/.test((target as HTMLInputElement).type);
}

/** Tells whether the layout for phones is in force. */
export function isPhone(): boolean {
  return window.matchMedia("(max-width: 640px)").matches;
}

/** Finds the element that a `data-…="#id"` or `href="#id"` points at. */
export function pointedAt(reference: string | null | undefined): HTMLElement | null {
  return reference?.startsWith("#") && reference.length > 1 ? document.getElementById(reference.slice(1)) : null;
}
