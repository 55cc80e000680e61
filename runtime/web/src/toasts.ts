/** Toasts: what was done, with a form to undo it. They leave by themselves, but never while someone is at them. */
import { all, dialogIsOpen, isTyping, on } from "./dom.ts";
import { formToken } from "./http.ts";
import { icon } from "./listbox.ts";

export interface Toast {
  readonly text: string;
  /** Where the thing is that the text is about. */
  readonly url?: string;
  readonly link?: string;
  /** The address whose POST takes it back. */
  readonly undo?: string;
  readonly icon?: string;
}

/** Where the last change that this page tells of is taken back. */
let last = "";

function undoForm(address: string): HTMLFormElement {
  const form = Object.assign(document.createElement("form"), { method: "post", action: address });
  form.append(
    Object.assign(document.createElement("input"), { type: "hidden", name: "csrf_token", value: formToken() }),
    Object.assign(document.createElement("input"), { type: "hidden", name: "next", value: window.location.pathname + window.location.search }),
  );
  return form;
}

/** Starts the clock of each new `[data-toast="milliseconds"]`. */
export function prepareToasts(root: ParentNode): void {
  for (const toast of all(root, "[data-toast]:not([data-toast-runs])")) {
    toast.dataset["toastRuns"] = "";
    last = toast.querySelector("form[method=post]")?.getAttribute("action") ?? last;
    const stay = Number(toast.dataset["toast"]) || 8000;
    let timer = 0;
    const start = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => toast.remove(), stay);
    };
    const stop = () => window.clearTimeout(timer);
    for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, stop);
    for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, start);
    start();
  }
}

/** Shows a toast that a script made; one that is there leaves. */
export function showToast(toast: Toast): void {
  for (const other of all(document, "[data-toast]")) other.remove();
  const box = document.createElement("div");
  box.className = "k-toast";
  box.role = "status";
  box.dataset["toast"] = "8000";
  box.innerHTML = icon(toast.icon ?? "check");
  const words = document.createElement("span");
  words.append(Object.assign(document.createElement("bdi"), { textContent: toast.text }));
  box.append(words);
  if (toast.url !== undefined) box.append(Object.assign(document.createElement("a"), { className: "btn btn-sm", href: toast.url, textContent: toast.link ?? "Open" }));
  if (toast.undo) {
    const form = undoForm(toast.undo);
    form.append(Object.assign(document.createElement("button"), { className: "btn btn-sm", textContent: "Undo" }));
    box.append(form);
  }
  const close = document.createElement("button");
  close.className = "btn btn-icon btn-sm";
  close.dataset["toastClose"] = "";
  close.setAttribute("aria-label", "Close");
  close.innerHTML = icon("x");
  box.append(close);
  document.body.append(box);
  prepareToasts(box);
}

/**
 * Lets `[data-toast-close]` send a toast away at once, and Ctrl+Z take back the last change: what a toast is about, or
 * what was saved in place without one, whose answer says in a head where it is taken back.
 */
export function startToasts(): void {
  on("click", "[data-toast-close]", (button) => button.closest("[data-toast]")?.remove());
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    if (isTyping(event.target) || dialogIsOpen()) return;
    const form = all<HTMLFormElement>(document, "[data-toast] form[method=post], form[data-undo]").at(-1);
    if (form === undefined && (last === "" || document.querySelector("[data-run-undo]") !== null)) return;
    event.preventDefault();
    if (form !== undefined) return form.requestSubmit();
    const made = undoForm(last);
    document.body.append(made);
    made.requestSubmit();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const undo = ((event as CustomEvent).detail.xhr as XMLHttpRequest).getResponseHeader("Kith-Undo");
    if (!undo) return;
    last = undo;
    // A message of an earlier change would be taken back in its place.
    for (const toast of all(document, "[data-toast]")) if (toast.querySelector("form") !== null) toast.remove();
  });
}
