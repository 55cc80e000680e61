/** Related lists of a record's page: their small form, where the focus goes after a change, and what the server says. */
import htmx from "htmx.org";
import { typeAhead } from "./ahead.ts";
import { all, on } from "./dom.ts";
import { showToast, type Toast } from "./toasts.ts";

const FIRST = ".k-fld :is(input:not([type=hidden]), select, textarea)";
const WRONG = ".k-fld :is([aria-invalid=true], .is-invalid)";

function listOf(element: Element): HTMLElement | null {
  return element.closest<HTMLElement>("[data-related]");
}

/** The row of a list that a change was about, else the button that adds one. */
function focusIn(list: HTMLElement): void {
  const row = list.querySelector(`tr[data-record="${CSS.escape(list.dataset["focus"] ?? "")}"]`);
  const target = row?.querySelector<HTMLElement>(".k-title a") ?? list.querySelector<HTMLElement>("[data-related-add], summary, .k-title a");
  target?.focus();
}

function cancel(form: HTMLElement): void {
  const list = listOf(form);
  form.parentElement?.replaceChildren();
  list?.querySelector<HTMLElement>("[data-related-add], .k-title a")?.focus();
}

/** Focuses a form that has just come, or what a list was drawn anew for. */
export function prepareRelated(root: ParentNode): void {
  const form = all<HTMLFormElement>(root, "form[data-related-form]")[0];
  if (form !== undefined) {
    for (const menu of all<HTMLDetailsElement>(listOf(form) ?? document, "details[data-menu][open]")) menu.open = false;
    (form.querySelector<HTMLElement>(WRONG) ?? form.querySelector<HTMLElement>(FIRST))?.focus();
    form.scrollIntoView({ block: "nearest" });
  } else if (root instanceof HTMLElement && root.matches("[data-related]") && document.activeElement === document.body) {
    focusIn(root);
  }
}

/** Gives the form back on Escape, says what was done, and lets the page follow a changed cell. */
export function startRelated(): void {
  on("click", "[data-related-add]", typeAhead);
  on("click", "[data-related-cancel]", (button) => cancel(button.closest("form")!));
  on("keydown", "form[data-related-form]", (form, event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    event.preventDefault();
    cancel(form);
  });
  document.addEventListener("kith-said", (event) => showToast((event as CustomEvent<Toast>).detail));
  document.addEventListener("kith:cell-saved", (event) => {
    const row = event.target as HTMLElement;
    if (listOf(row) === null) return;
    htmx.process(row);
    htmx.trigger(document.body, "kith-changed", {});
    htmx.trigger(document.body, "kith-related", {});
  });
}
