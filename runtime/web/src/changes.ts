/** Changes that a page makes by itself: sent as a form, answered with parts of the page that take the place of old ones. */
import htmx from "htmx.org";
import { ask } from "./http.ts";
import { prepareToasts } from "./toasts.ts";

/** The answer to a change: what the server drew, and whether it was done. */
export interface Answer {
  done: boolean;
  parts: DocumentFragment;
}

function parsed(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Puts the parts that name their place (`hx-swap-oob`) there, and shows the messages. */
function place(parts: DocumentFragment): void {
  for (const part of parts.querySelectorAll<HTMLElement>("[hx-swap-oob]")) {
    const old = document.getElementById(part.id);
    part.remove();
    if (old === null) continue;
    old.replaceChildren(...part.childNodes);
    htmx.process(old);
  }
  for (const toast of parts.querySelectorAll<HTMLElement>("[data-toast]")) {
    for (const before of document.querySelectorAll("[data-toast]")) before.remove();
    document.body.append(toast);
    prepareToasts(toast);
  }
}

/** Shows a message that the page itself has to say. */
export function say(text: string): void {
  const toast = Object.assign(document.createElement("div"), { className: "k-toast is-bad", textContent: text });
  toast.role = "alert";
  toast.dataset["toast"] = "12000";
  for (const before of document.querySelectorAll("[data-toast]")) before.remove();
  document.body.append(toast);
  prepareToasts(toast);
}

/** Sends a change. Answers `null` when the server could not be reached; the person has been told then. */
export async function sendChange(address: string, values: Record<string, string>): Promise<Answer | null> {
  try {
    const response = await ask(address, { method: "POST", body: new URLSearchParams(values) });
    if (response.status === 401) {
      say("You are signed out, so nothing was changed. Sign in and do it again.");
      return null;
    }
    const known = response.ok || [403, 404, 409, 422].includes(response.status);
    if (!known || response.redirected) throw new Error(String(response.status));
    const parts = parsed(await response.text());
    const trouble = parts.querySelector("[data-problem]");
    if (trouble !== null) {
      // No answer to the change but a page of its own, such as when the right to it was taken away meanwhile.
      say(`${trouble.querySelector("p")?.textContent?.trim() ?? ""} Nothing was changed.`.trim());
      return null;
    }
    place(parts);
    return { done: response.ok, parts };
  } catch {
    say("The server could not be reached. Nothing was changed. Try again in a moment.");
    return null;
  }
}
