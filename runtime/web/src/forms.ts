/** Forms (`form[data-form]`): save by key, never twice, never lose what was typed without a question. */
import { all, on, settledAt } from "./dom.ts";
import { person } from "./local.ts";
import { ready } from "./session.ts";
import { showToast } from "./toasts.ts";

const sending = new WeakSet<HTMLFormElement>();
const changed = new Set<HTMLFormElement>();

/** Lets a form be sent again. */
export function release(form: HTMLFormElement): void {
  sending.delete(form);
  form.removeAttribute("aria-busy");
}

function hold(form: HTMLFormElement, event: SubmitEvent): void {
  if (sending.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  sending.add(form);
  form.setAttribute("aria-busy", "true");
  if (isOverAPage(form) || !form.matches("[data-draft]") || person() === "") {
    changed.delete(form);
    return;
  }
  // Sent only when it will arrive: a page that is left for an answer "sign in" or "no network" would lose what it holds.
  event.preventDefault();
  event.stopImmediatePropagation();
  void sendWhenReady(form, event.submitter as HTMLButtonElement | null);
}

function isOverAPage(form: HTMLFormElement): boolean {
  return form.closest("dialog") !== null;
}

async function sendWhenReady(form: HTMLFormElement, button: HTMLButtonElement | null): Promise<void> {
  const state = await ready();
  if (state === "ready") {
    changed.delete(form);
    nativeSubmit(form, button);
    return;
  }
  release(form);
  if (state !== "offline") return;
  showToast({ text: "You are offline. The form is sent when you are back; what you wrote is kept on this device.", icon: "alert-circle" });
  window.addEventListener("online", () => form.isConnected && form.requestSubmit(button), { once: true });
}

/** Submits without asking again, with the button that was pressed. */
function nativeSubmit(form: HTMLFormElement, button: HTMLButtonElement | null): void {
  const added: HTMLElement[] = [];
  if (button?.name) {
    const input = Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value });
    form.append(input);
    added.push(input);
  }
  HTMLFormElement.prototype.submit.call(form);
  // Coming back to the page as it was must not send the button along with the next one.
  for (const input of added) input.remove();
}

/** Puts the focus on the summary of what is to be fixed in a refused form, else where a conflict was just settled. */
export function prepareForms(root: ParentNode): void {
  const at = settledAt();
  const input = at?.matches("[data-rows]") ? at.querySelector<HTMLElement>("[data-rows-add]") : at;
  (all(root, "[data-error-summary]")[0] ?? (root === document ? input : null))?.focus();
}

/** Listens for Ctrl+S, submits, edits and leaving the page. */
export function startForms(): void {
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    const form = document.activeElement?.closest<HTMLFormElement>("form[data-form]") ?? document.querySelector<HTMLFormElement>("form[data-form]");
    if (form === null) return;
    event.preventDefault();
    const button = [...form.elements].find((element) => element.matches("[data-save]")) as HTMLElement | undefined;
    form.requestSubmit(button ?? null);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form instanceof HTMLFormElement && form.method !== "dialog") hold(form, event);
  }, { capture: true });
  for (const name of ["htmx:afterRequest", "htmx:sendError", "htmx:validation:halted"]) {
    document.addEventListener(name, (event) => {
      const form = (event.target as Element).closest<HTMLFormElement>("form");
      if (form !== null) release(form);
    });
  }
  // Coming back by the browser's own button may show the page as it was left, with its form still held.
  window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach(release));
  on("input", "form[data-form]", (form) => changed.add(form as HTMLFormElement));
  window.addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected)) event.preventDefault();
  });
  on("click", "[data-leave]", () => {
    for (const form of all<HTMLFormElement>(document, "form[data-draft]")) form.dispatchEvent(new Event("kith:leave"));
    changed.clear();
  });
  on("click", "[data-show-password]", (button) => {
    const input = button.parentElement?.querySelector<HTMLInputElement>("input");
    if (!input) return;
    input.type = input.type === "password" ? "text" : "password";
    button.setAttribute("aria-pressed", String(input.type === "text"));
  });
  on("change", "[data-submit-on-change]", (element, event) => {
    // What the words of a date mean so far changes the input that is sent, too: only what a person did there counts.
    if (event.isTrusted || element.closest(".is-typed") === null) element.closest("form")?.requestSubmit();
  });
}
