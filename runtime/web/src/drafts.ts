/** Drafts: what is typed into a form is kept on this device until it is saved, given up, or somebody signs out. */
import { all } from "./dom.ts";
import { keep, names, read } from "./local.ts";

export interface Draft {
  readonly at: number;
  readonly action: string;
  readonly fields: readonly (readonly [string, string])[];
}

const PAUSE_MILLISECONDS = 400;
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

async function lookFor(form: HTMLFormElement): Promise<void> {
  const own = nameOf(form);
  const found = names(`draft:${form.dataset["draft"]}:`).filter((name) => name !== own);
  if (found.length > 0) await (await import("./left_drafts.ts")).offerNewest(form, found, channel);
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
