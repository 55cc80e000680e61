/** Dialogs that are already on the page. Their openers are links to a page that asks the same, for browsers without script. */
import { on, pointedAt } from "./dom.ts";

/** Opens with `[data-dialog="#id"]`, closes with `[data-dialog-close]` or a click on what lies behind. */
export function startDialogs(): void {
  on("click", "[data-dialog]", (opener, event) => {
    const dialog = pointedAt(opener.dataset["dialog"]);
    if (!(dialog instanceof HTMLDialogElement)) return;
    event.preventDefault();
    dialog.showModal();
  });
  on("click", "[data-dialog-close]", (button, event) => {
    event.preventDefault();
    button.closest("dialog")?.close();
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof HTMLDialogElement && event.target.classList.contains("k-dialog")) event.target.close();
  });
}
