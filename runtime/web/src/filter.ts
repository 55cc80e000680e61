/** The filter builder, which the server draws anew as one chooses: what was typed meanwhile and the focus stay. */
import { all } from "./dom.ts";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const LINES = "filter-lines";
const CONTROLS = "input:not([type=hidden]), select, textarea";

let asked: ReadonlyMap<string, string> | null = null;
let later: ReadonlyMap<string, string> = new Map();
let focused = "";

/** Names a control among those drawn anew; boxes of one name differ by what they stand for. */
function keyOf(control: Element): string {
  if (!(control instanceof HTMLInputElement || control instanceof HTMLSelectElement || control instanceof HTMLTextAreaElement || control instanceof HTMLButtonElement)) return "";
  return isBox(control) || control instanceof HTMLButtonElement ? `${control.name}=${control.value}` : control.name;
}

function isBox(control: Element): control is HTMLInputElement {
  return control instanceof HTMLInputElement && (control.type === "checkbox" || control.type === "radio");
}

function stateOf(control: Control): string {
  return isBox(control) ? String(control.checked) : control.value;
}

function statesIn(lines: ParentNode): Map<string, string> {
  return new Map(all<Control>(lines, CONTROLS).map((control) => [keyOf(control), stateOf(control)]));
}

function put(control: Control, state: string): void {
  if (isBox(control)) control.checked = state === "true";
  else control.value = state;
  // A list that lacks the value stays as it was drawn; what another one depends on is drawn once more.
  if (stateOf(control) === state) control.dispatchEvent(new Event(control instanceof HTMLSelectElement ? "change" : "input", { bubbles: true }));
}

/** Notes what stood in the lines when they were asked for, and puts back what has changed since when they come. */
export function startFilter(): void {
  const meant = (event: Event) => (event as CustomEvent<{ target: Element | null }>).detail.target?.id === LINES;
  document.addEventListener("htmx:beforeSend", (event) => {
    if (!meant(event)) return;
    const pressed = (event.target as Element).getAttribute("name");
    // Lines that are taken out move the others, so names mean other lines afterwards.
    asked = pressed === "_drop" ? null : statesIn(document.getElementById(LINES)!);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const lines = document.getElementById(LINES);
    if (!meant(event) || lines === null) return;
    const before = asked;
    later = before === null ? new Map() : new Map([...statesIn(lines)].filter(([key, state]) => before.get(key) !== state));
    focused = lines.contains(document.activeElement) ? keyOf(document.activeElement!) : "";
  });
  // Only now do the new controls hear of changes.
  document.addEventListener("htmx:afterSettle", (event) => {
    const lines = document.getElementById(LINES);
    if (!meant(event) || lines === null) return;
    const controls = all<Control | HTMLButtonElement>(lines, `${CONTROLS}, button`);
    if (focused !== "") (controls.find((control) => keyOf(control) === focused) ?? controls.at(-1))?.focus();
    for (const control of controls) {
      const state = later.get(keyOf(control));
      if (state !== undefined && !(control instanceof HTMLButtonElement)) put(control, state);
    }
    later = new Map();
  });
}
