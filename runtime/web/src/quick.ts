/** Quick create: the short form of an entity in a dialog over the page, which stays where it is. */
import { typeAhead } from "./ahead.ts";
import { on } from "./dom.ts";
import { release } from "./forms.ts";
import { ask } from "./http.ts";
import { openOver } from "./over.ts";
import { showToast } from "./toasts.ts";

export interface Created {
  readonly entity: string;
  readonly id: string;
  readonly title: string;
  readonly url: string;
  readonly text: string;
  readonly undo: string;
}

type Saved = (created: Created) => void;

/** Whether a short form is on its way: one who asks twice meanwhile means the same. */
let isAsked = false;

function quickAddress(address: string): string {
  const url = new URL(address, window.location.href);
  return url.pathname.replace(/\/new$/, "/quick") + url.search;
}

function put(dialog: HTMLDialogElement, markup: string): void {
  // Drawn by the server like any page; the behaviours are told as htmx tells them of a swap.
  dialog.innerHTML = markup;
  const head = dialog.querySelector("h2");
  if (head !== null) dialog.setAttribute("aria-labelledby", (head.id ||= `k-newdlg-${document.querySelectorAll("dialog").length}`));
  dialog.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
  (dialog.querySelector<HTMLElement>("[data-error-summary]") ?? dialog.querySelector<HTMLElement>(".k-fld :is(input:not([type=hidden]), select, textarea)"))?.focus();
}

async function send(dialog: HTMLDialogElement, form: HTMLFormElement, button: HTMLElement | null, saved: Saved): Promise<void> {
  try {
    const answer = await ask(form.action, { method: "POST", body: new FormData(form, button), headers: { Accept: "application/json, text/html" } });
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    if (answer.ok && isJson) {
      const created = (await answer.json()) as Created;
      dialog.close();
      saved(created);
    } else {
      put(dialog, await answer.text());
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    showToast({ text: "You are offline. What you wrote stays in this form; save it when you are back.", icon: "alert-circle" });
  } finally {
    release(form);
  }
}

/** Opens the short form behind the address of a create form; `saved` is told what was made. */
export async function openQuick(address: string, saved: Saved = tell): Promise<void> {
  if (isAsked) return;
  isAsked = true;
  const opener = document.activeElement;
  typeAhead();
  const answer = await ask(quickAddress(address)).catch(() => null);
  isAsked = false;
  if (answer === null || !answer.ok) return window.location.assign(address);
  const dialog = document.createElement("dialog");
  dialog.className = "k-dialog k-newdlg";
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
  });
  dialog.addEventListener("submit", (event) => {
    const form = event.target;
    const button = (event as SubmitEvent).submitter;
    if (!(form instanceof HTMLFormElement) || button?.hasAttribute("formaction")) return;
    event.preventDefault();
    void send(dialog, form, button, saved);
  });
  put(dialog, await answer.text());
  openOver(dialog);
  dialog.querySelector<HTMLElement>(".k-fld :is(input:not([type=hidden]), select, textarea)")?.focus();
}

function tell(created: Created): void {
  showToast({ text: created.text, url: created.url, link: "Open", undo: created.undo });
  // A list or a record page on screen may want to show what was made.
  document.dispatchEvent(new CustomEvent("kith:created", { detail: created }));
}

/** Lets links marked `data-quick` open the short form instead of leaving the page. */
export function startQuick(): void {
  on("click", "a[data-quick]", (link, event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || window.matchMedia("(max-width: 640px)").matches) return;
    event.preventDefault();
    const menu = link.closest<HTMLDetailsElement>("details[data-menu]");
    if (menu !== null) menu.open = false;
    void openQuick(link.getAttribute("href")!);
  });
}
