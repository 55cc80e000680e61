/** What is typed into a date, read by the server as it reads a form, and the browser's picker. */
import { partsOf, showDate, wordsOf } from "./dates.ts";
import { askQuietly } from "./http.ts";

const PAUSE_MILLISECONDS = 100;

function kindOf(box: HTMLElement): string {
  return box.dataset["moment"] === undefined ? "date" : "datetime-local";
}

/** Says beside the text which day it means, and lets the form send that; what means none is sent as it stands. */
export async function understand(typed: HTMLInputElement): Promise<void> {
  const { box, sent, words } = partsOf(typed);
  const text = typed.value;
  const kind = kindOf(box);
  const take = (value: string) => {
    sent.type = kind;
    sent.value = value;
    words.textContent = wordsOf(sent);
    sent.dispatchEvent(new Event("change", { bubbles: true }));
  };
  words.textContent = "";
  typed.classList.remove("is-invalid");
  if (text.trim() === "") return take("");
  await new Promise((resolve) => window.setTimeout(resolve, PAUSE_MILLISECONDS));
  if (typed.value !== text || !typed.isConnected) return;
  const answer = await askQuietly(`/typed-day?text=${encodeURIComponent(text)}${kind === "date" ? "" : "&moment="}`);
  const value = answer?.ok ? ((await answer.json()) as { value: string }).value : "";
  if (typed.value !== text) return;
  if (value !== "") take(value);
  if (answer?.ok && document.activeElement !== typed) showDate(typed);
}

/** Opens the browser's picker of days. */
export function pick(inside: Element): void {
  const { box, sent } = partsOf(inside);
  if (sent.readOnly) return;
  if (sent.type === "text") sent.type = kindOf(box);
  sent.showPicker();
}
