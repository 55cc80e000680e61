/** The records that this browser showed lately, by entity and id only: their titles come from the server, with its rights. */
import { keep, read } from "./local.ts";

const NAME = "seen";
const MOST = 12;
const RECORD = /^\/e\/([a-z0-9_.]+)\/([0-9a-z]{20})(?:\/|$)/;

/** Lists what was looked at lately as `entity:id`, newest first. */
export function seenLately(): string[] {
  return read<string[]>(NAME, []).filter((item) => typeof item === "string").slice(0, MOST);
}

/** Notes the record of this page, if it is one. */
export function startRecent(): void {
  const found = RECORD.exec(decodeURIComponent(window.location.pathname));
  if (found === null || document.querySelector("[data-problem]") !== null) return;
  const item = `${found[1]}:${found[2]}`;
  keep(NAME, [item, ...seenLately().filter((other) => other !== item)].slice(0, MOST));
}
