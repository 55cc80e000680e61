/** Toasts: what was done, with a form to undo it. They leave by themselves, but never while someone is at them. */
import { all, on } from "./dom.ts";

/** Starts the clock of each new `[data-toast="milliseconds"]`. */
export function prepareToasts(root: ParentNode): void {
  for (const toast of all(root, "[data-toast]:not([data-toast-runs])")) {
    toast.dataset["toastRuns"] = "";
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

/** Lets `[data-toast-close]` send a toast away at once. */
export function startToasts(): void {
  on("click", "[data-toast-close]", (button) => button.closest("[data-toast]")?.remove());
}
