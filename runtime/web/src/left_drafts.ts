/** Drafts that were left behind: found, offered over the foot of the form, brought back by the server or thrown away. */
import type { Draft } from "./drafts.ts";
import { keep, read } from "./local.ts";

const ALIVE_MILLISECONDS = 150;
const OLDEST_MILLISECONDS = 30 * 24 * 3600 * 1000;

/** Says how long ago something was, in words that need no number format. */
function ago(at: number): string {
  const minutes = Math.round((Date.now() - at) / 60_000);
  if (minutes < 1) return "from just now";
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  if (minutes < 60) return `from ${format.format(-minutes, "minute")}`;
  return minutes < 1440 ? `from ${format.format(-Math.round(minutes / 60), "hour")}` : `from ${format.format(-Math.round(minutes / 1440), "day")}`;
}

/** Draws the form anew from a draft: the server does it, so that chips, rows and conditions are right. */
function bringBack(form: HTMLFormElement, name: string, draft: Draft): void {
  const sent = document.createElement("form");
  sent.method = "post";
  sent.action = draft.action;
  sent.enctype = "multipart/form-data";
  sent.hidden = true;
  const add = (field: string, value: string) => {
    const input = document.createElement("textarea"); // keeps line ends
    input.name = field;
    input.value = value;
    sent.append(input);
  };
  add("csrf_token", form.querySelector<HTMLInputElement>("input[name=csrf_token]")!.value);
  add("_draft", "1");
  for (const [field, value] of draft.fields) add(field, value);
  keep(name, draft);
  document.body.append(sent);
  sent.submit();
}

function offer(form: HTMLFormElement, name: string, draft: Draft): void {
  const note = document.createElement("div");
  note.className = "k-note k-draft";
  note.role = "status";
  const words = document.createElement("span");
  words.textContent = `A draft ${ago(draft.at)} is kept on this device. Files are not part of it.`;
  const back = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: "Bring it back" });
  const drop = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm btn-ghost", textContent: "Discard" });
  back.addEventListener("click", () => bringBack(form, name, draft));
  drop.addEventListener("click", () => {
    keep(name, undefined);
    note.remove();
    form.querySelector<HTMLElement>(".k-fld :is(input:not([type=hidden]), select, textarea)")?.focus();
  });
  note.append(words, back, drop);
  // Over the foot of the form: nothing moves under the hand.
  const bar = document.querySelector(".k-actbar");
  if (bar !== null) bar.before(note);
  else form.prepend(note);
}

async function inOtherTabs(channel: BroadcastChannel | null): Promise<Set<string>> {
  const alive = new Set<string>();
  if (channel === null) return alive;
  const listen = (event: MessageEvent) => {
    for (const name of (event.data as { alive?: string[] }).alive ?? []) alive.add(name);
  };
  channel.addEventListener("message", listen);
  channel.postMessage({ ask: true });
  await new Promise((resolve) => window.setTimeout(resolve, ALIVE_MILLISECONDS));
  channel.removeEventListener("message", listen);
  return alive;
}

/** Offers the newest of some drafts that no other tab has open, and forgets those that are too old. */
export async function offerNewest(form: HTMLFormElement, found: readonly string[], channel: BroadcastChannel | null): Promise<void> {
  const elsewhere = await inOtherTabs(channel);
  const left = found.filter((name) => !elsewhere.has(name));
  const drafts = left.map((name) => [name, read<Draft | null>(name, null)] as const);
  for (const [name, draft] of drafts) if (draft === null || Date.now() - draft.at > OLDEST_MILLISECONDS) keep(name, undefined);
  const newest = drafts.filter((pair): pair is [string, Draft] => pair[1] !== null).sort((a, b) => b[1].at - a[1].at)[0];
  if (newest !== undefined && form.isConnected) offer(form, ...newest);
}
