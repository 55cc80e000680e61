/** Drafts: what is typed into a form is kept on this device until it is saved, given up, or somebody signs out. */
import { all } from "./dom.ts";
import { keep, names, read } from "./local.ts";

interface Draft {
  readonly at: number;
  readonly action: string;
  readonly fields: readonly (readonly [string, string])[];
}

const PAUSE_MILLISECONDS = 400;
const ALIVE_MILLISECONDS = 150;
const OLDEST_MILLISECONDS = 30 * 24 * 3600 * 1000;
const DEAD = new Set(["csrf_token", "_draft"]);
const held = new Set<string>();
let channel: BroadcastChannel | null = null;

function token(form: HTMLFormElement): string {
  return form.querySelector<HTMLInputElement>("input[name=_token]")?.value ?? "";
}

function nameOf(form: HTMLFormElement): string {
  return `draft:${form.dataset["draft"]}:${token(form)}`;
}

function fieldsOf(form: HTMLFormElement): [string, string][] {
  return [...new FormData(form)].filter((pair): pair is [string, string] => typeof pair[1] === "string" && !DEAD.has(pair[0]));
}

function save(form: HTMLFormElement): void {
  const path = new URL(form.action).pathname;
  const isKept = keep(nameOf(form), { at: Date.now(), action: path, fields: fieldsOf(form) } satisfies Draft);
  const note = document.querySelector<HTMLElement>("[data-draft-note]");
  if (note === null || !isKept) return;
  note.hidden = false;
  note.querySelector("span")!.textContent = "Draft kept on this device";
}

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

async function inOtherTabs(): Promise<Set<string>> {
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

async function lookFor(form: HTMLFormElement): Promise<void> {
  const own = nameOf(form);
  const found = names(`draft:${form.dataset["draft"]}:`).filter((name) => name !== own);
  if (found.length === 0) return;
  const elsewhere = await inOtherTabs();
  const left = found.filter((name) => !elsewhere.has(name));
  const drafts = left.map((name) => [name, read<Draft | null>(name, null)] as const);
  for (const [name, draft] of drafts) if (draft === null || Date.now() - draft.at > OLDEST_MILLISECONDS) keep(name, undefined);
  const newest = drafts.filter((pair): pair is [string, Draft] => pair[1] !== null).sort((a, b) => b[1].at - a[1].at)[0];
  if (newest !== undefined && form.isConnected) offer(form, ...newest);
}

/** Keeps what is typed in each `form[data-draft="entity:record"]`, and offers what was left behind. */
export function prepareDrafts(root: ParentNode): void {
  for (const form of all<HTMLFormElement>(root, "form[data-draft]:not([data-draft-runs])")) {
    form.dataset["draftRuns"] = "";
    held.add(nameOf(form));
    let timer = 0;
    const later = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => save(form), PAUSE_MILLISECONDS);
    };
    let isTouched = read<Draft | null>(nameOf(form), null) !== null;
    for (const name of ["input", "change"]) form.addEventListener(name, () => ((isTouched = true), later()));
    window.addEventListener("pagehide", () => {
      window.clearTimeout(timer);
      if (isTouched && form.dataset["draftOver"] === undefined) save(form);
    });
    form.addEventListener("kith:leave", () => {
      form.dataset["draftOver"] = "";
      window.clearTimeout(timer);
      keep(nameOf(form), undefined);
    });
    void lookFor(form).then(() => (form.dataset["draftLooked"] = ""));
  }
}

/** Answers other tabs which drafts are open here, and forgets those that the server says are saved. */
export function startDrafts(): void {
  for (const toast of all(document, "[data-draft-done]")) {
    const saved = toast.dataset["draftDone"]!;
    for (const name of names("draft:")) if (name.endsWith(`:${saved}`)) keep(name, undefined);
  }
  if (!("BroadcastChannel" in window)) return;
  channel = new BroadcastChannel("kith-drafts");
  channel.addEventListener("message", (event) => {
    if ((event.data as { ask?: boolean }).ask) channel!.postMessage({ alive: [...held] });
  });
}
