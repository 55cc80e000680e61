/** The composer on a record's page: marks what was understood as one types, mentions, drops and pastes files. */
import { typeAhead } from "./ahead.ts";
import { all, dialogIsOpen, isTyping, on } from "./dom.ts";
import { askQuietly } from "./http.ts";
import { troubleOf } from "./listbox.ts";
import { reveal } from "./tabs.ts";

interface Chip {
  readonly kind: string;
  readonly label: string;
  readonly icon: string;
  readonly value: string;
  readonly input: string;
}
interface Answer {
  readonly found: readonly { readonly kind: string; readonly start: number; readonly end: number }[];
  readonly chips: readonly Chip[];
}

/** What follows each @ that may begin a name, as far as names go. */
const MENTIONS = /(?<![\p{L}\d_@])@[\p{L}\d_'’.-]+(?: [\p{L}\d_'’.-]+){0,3}/gu;
const PAUSE_MILLISECONDS = 90;
const MENTION = /(^|\s)@([\p{L}'’-]{0,30}(?: [\p{L}'’-]{1,30})?)$/u;
let timer = 0;
let request: AbortController | null = null;
/** Files that were dropped or pasted while no composer was open; the one that opens takes them. */
let waiting: readonly File[] = [];

function boxOf(form: HTMLElement): HTMLTextAreaElement {
  return form.querySelector<HTMLTextAreaElement>("textarea[name=text]")!;
}

function icon(name: string): SVGSVGElement {
  const known = document.querySelector<SVGUseElement>("use[href*='#']")?.getAttribute("href")?.split("#")[0] ?? "";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "k-i k-i-14");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${known}#${name}`);
  svg.append(use);
  return svg;
}

function mark(form: HTMLElement, text: string, answer: Answer): void {
  const place = form.querySelector<HTMLElement>("[data-marks]");
  if (place === null) return;
  const parts: (string | HTMLElement)[] = [];
  let at = 0;
  // The server counts whole characters, a script halves of some.
  const letters = [...text];
  for (const { start, end } of answer.found) {
    parts.push(letters.slice(at, start).join(""));
    parts.push(Object.assign(document.createElement("mark"), { textContent: letters.slice(start, end).join("") }));
    at = end;
  }
  place.replaceChildren(...parts, `${letters.slice(at).join("")}\u200b`);
}

function chip(item: Chip): HTMLElement {
  const box = Object.assign(document.createElement("span"), { className: "k-pick from" });
  const open = Object.assign(document.createElement("button"), { type: "button", className: "k-pick-b" });
  open.append(icon(item.icon), item.label);
  open.dataset["pick"] = item.input;
  open.dataset["pickValue"] = item.value;
  open.setAttribute("aria-label", `${item.kind}: ${item.label}. Change`);
  const off = Object.assign(document.createElement("button"), { type: "button", className: "k-pick-x" });
  off.append(icon("x"));
  off.dataset["pickOff"] = item.kind;
  off.setAttribute("aria-label", `Not meant as ${item.kind}: ${item.label}`);
  box.append(open, off);
  return box;
}

async function understand(form: HTMLElement): Promise<void> {
  const address = form.dataset["understand"];
  if (address === undefined) return;
  request?.abort();
  request = new AbortController();
  const text = boxOf(form).value;
  const url = new URL(address, window.location.href);
  url.searchParams.set("text", text.split("\n")[0]!);
  for (const other of all<HTMLInputElement>(form, "input[name=_not]")) url.searchParams.append("not", other.value);
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" }, signal: request.signal });
    if (!answer.ok || boxOf(form).value !== text) return;
    const body: Answer = await answer.json();
    mark(form, text, body);
    form.querySelector("[data-chips]")?.replaceChildren(...body.chips.map((item) => chip(item)));
  } catch (error) {
    if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
  }
}

/** Says who of the mentioned gets no notice, before the note is added. */
async function nameUnheard(form: HTMLElement): Promise<void> {
  const place = form.querySelector<HTMLElement>("[data-unheard]")!;
  const text = (boxOf(form).value.match(MENTIONS) ?? []).slice(0, 20).join("\n");
  if (text === (place.dataset["unheard"] ?? "")) return;
  place.dataset["unheard"] = text;
  const url = new URL(form.getAttribute("action")!.replace("/add/", "/unheard/"), window.location.href);
  url.searchParams.set("text", text);
  const answer = text === "" ? null : await askQuietly(url.href, { headers: { Accept: "application/json" } });
  if (place.dataset["unheard"] !== text) return;
  const words: string = answer?.ok === true ? (await answer.json()).words : "";
  place.textContent = words;
  place.hidden = words === "";
}

function typed(form: HTMLElement): void {
  mark(form, boxOf(form).value, { found: [], chips: [] });
  window.clearTimeout(timer);
  timer = window.setTimeout(() => {
    void understand(form);
    void nameUnheard(form);
  }, PAUSE_MILLISECONDS);
  void mention(form);
}

/** Tells assistive technology which colleague the keys are at; the text itself keeps the focus. */
function nameActive(form: HTMLElement): void {
  const list = people(form);
  const active = list.hidden ? null : list.querySelector(".is-act");
  if (active === null) boxOf(form).removeAttribute("aria-activedescendant");
  else boxOf(form).setAttribute("aria-activedescendant", active.id);
}

function people(form: HTMLElement): HTMLElement {
  const known = form.querySelector<HTMLElement>("[data-people]");
  if (known !== null) return known;
  const list = Object.assign(document.createElement("div"), { className: "k-pop k-menu k-people", role: "listbox" });
  list.dataset["people"] = "";
  list.id = "k-people";
  boxOf(form).setAttribute("aria-controls", list.id);
  boxOf(form).ariaAutoComplete = "list";
  list.setAttribute("aria-label", "Colleagues");
  list.hidden = true;
  form.querySelector(".k-nl")!.append(list);
  return list;
}

async function mention(form: HTMLElement): Promise<void> {
  const box = boxOf(form);
  const found = MENTION.exec(box.value.slice(0, box.selectionStart));
  const list = people(form);
  if (found === null) {
    list.hidden = true;
    return nameActive(form);
  }
  const url = new URL(`${form.getAttribute("action")!.split("/add/")[0]}/people`, window.location.href);
  url.searchParams.set("q", found[2]!);
  const answer = await askQuietly(url.href, { headers: { Accept: "application/json" } });
  if (answer === null || !answer.ok) {
    const words = `${troubleOf(answer)} Write on; a name that you write in full is understood when you add this.`;
    list.replaceChildren(Object.assign(document.createElement("div"), { className: "none k-bad", textContent: words }));
    list.hidden = false;
    return;
  }
  const body: { data: readonly { id: string; title: string; hint: string }[] } = await answer.json();
  // Of several answers on their way only that to what stands there now counts.
  if (MENTION.exec(box.value.slice(0, box.selectionStart))?.[2] !== found[2]) return;
  list.replaceChildren(
    ...body.data.map((person, index) => {
      const row = Object.assign(document.createElement("div"), { role: "option", id: `k-person-${index}`, textContent: person.title });
      row.setAttribute("aria-selected", String(index === 0));
      row.classList.toggle("is-act", index === 0);
      row.dataset["colleague"] = person.title;
      // What tells people of one name apart.
      if (person.hint !== "" && body.data.some((other) => other !== person && other.title === person.title)) {
        row.append(Object.assign(document.createElement("small"), { textContent: person.hint }));
      }
      return row;
    }),
  );
  list.hidden = body.data.length === 0 || body.data.some((person) => person.title === found[2]);
  nameActive(form);
}

function choosePerson(form: HTMLElement, name: string): void {
  const box = boxOf(form);
  const before = box.value.slice(0, box.selectionStart).replace(MENTION, `$1@${name} `);
  box.setRangeText(before, 0, box.selectionStart, "end");
  box.focus();
  people(form).hidden = true;
  nameActive(form);
  typed(form);
}

function inPeople(form: HTMLElement, event: KeyboardEvent): boolean {
  const list = people(form);
  if (list.hidden) return false;
  const rows = all(list, "[role=option]");
  const at = rows.findIndex((row) => row.classList.contains("is-act"));
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step !== undefined) {
    const next = (at + step + rows.length) % rows.length;
    rows.forEach((row, index) => {
      row.classList.toggle("is-act", index === next);
      row.setAttribute("aria-selected", String(index === next));
    });
    nameActive(form);
  } else if ((event.key === "Enter" || event.key === "Tab") && at >= 0 && !event.ctrlKey) {
    choosePerson(form, rows[at]!.dataset["colleague"]!);
  } else if (event.key === "Escape") {
    list.hidden = true;
    nameActive(form);
  } else {
    return false;
  }
  event.preventDefault();
  return true;
}

function addFiles(form: HTMLElement, files: Iterable<File>): void {
  const input = form.querySelector<HTMLInputElement>("[data-files]");
  if (input === null) return;
  const whole = new DataTransfer();
  for (const file of [...(input.files ?? []), ...files]) whole.items.add(file);
  input.files = whole.files;
  showFiles(form);
}

/** Puts files into the composer of the page, which opens for them; false where there is none. */
function attach(files: FileList): boolean {
  if (files.length === 0) return false;
  const form = document.querySelector<HTMLFormElement>("form[data-composer]");
  const opener = document.querySelector<HTMLElement>("#composer [data-key=n]") ?? document.querySelector<HTMLElement>("#composer .k-compose-line");
  if (form !== null) addFiles(form, files);
  else if (opener !== null) {
    waiting = [...files];
    opener.click();
  }
  return form !== null || opener !== null;
}

function showFiles(form: HTMLElement): void {
  const input = form.querySelector<HTMLInputElement>("[data-files]");
  const label = form.querySelector<HTMLElement>("[data-files-label]");
  const names = [...(input?.files ?? [])].map((file) => file.name);
  if (label !== null) label.textContent = names.length === 0 ? "Attach" : names.length === 1 ? names[0]! : `${names.length} files`;
  if (input !== null) boxOf(form).required = names.length === 0;
}

function pending(form: HTMLElement): void {
  const text = boxOf(form).value.trim();
  const place = document.querySelector("#timeline-body .k-tl");
  if (text === "" || place === null) return;
  const row = Object.assign(document.createElement("div"), { className: "k-ev is-pending" });
  row.innerHTML = '<span class="ic plain"></span><div class="bd"><div class="tt"><b></b></div></div>';
  row.querySelector("b")!.textContent = text.split("\n")[0]!;
  place.prepend(row);
}

/** Focuses a composer that has just come, and understands what it holds already. */
export function prepareComposer(root: ParentNode): void {
  for (const form of all(root, "form[data-composer]")) {
    const box = boxOf(form);
    reveal(form);
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
    typed(form);
    if (waiting.length > 0) addFiles(form, waiting);
    waiting = [];
  }
}

/** Listens for typing, keys, chips, dropped and pasted files in composers. */
export function startComposer(): void {
  on("click", "#composer a[hx-get]:not([data-composer-cancel])", typeAhead);
  on("input", "form[data-composer] textarea", (box) => typed(box.closest("form")!));
  on("keydown", "form[data-composer]", (element, event) => {
    const form = element as HTMLFormElement;
    if (event.defaultPrevented || event.isComposing || inPeople(form, event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "Escape") {
      event.preventDefault();
      form.querySelector<HTMLElement>("[data-composer-cancel]")?.click();
    }
  });
  on("click", "[data-colleague]", (row) => choosePerson(row.closest("form")!, row.dataset["colleague"]!));
  on("mousedown", "[data-people]", (_list, event) => event.preventDefault());
  on("click", "[data-pick]", (button) => {
    const form = button.closest("form")!;
    const input = form.elements.namedItem(button.dataset["pick"]!) as HTMLInputElement | null;
    const more = form.querySelector<HTMLDetailsElement>(".k-more");
    if (input === null || more === null) return;
    more.open = true;
    if (input.value === "") input.value = button.dataset["pickValue"]!;
    input.focus();
  });
  on("click", "[data-pick-off]", (button) => {
    const form = button.closest("form")!;
    const kinds = button.dataset["pickOff"] === "day" ? ["day", "time"] : [button.dataset["pickOff"]!];
    for (const value of kinds) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "_not", value }));
    boxOf(form).focus();
    void understand(form);
  });
  on("change", "[data-files]", (input) => showFiles(input.closest("form")!));
  document.addEventListener("paste", (event) => {
    const files = event.clipboardData?.files;
    const target = event.target instanceof Element ? event.target : document.body;
    if (files === undefined || files.length === 0 || dialogIsOpen()) return;
    if (target.closest("form[data-composer]") === null && isTyping(target)) return;
    if (attach(files)) event.preventDefault();
  });
  for (const name of ["dragenter", "dragover"] as const) {
    on(name, "#timeline", (column, event) => {
      if (!event.dataTransfer?.types.includes("Files") || document.getElementById("composer")?.childElementCount === 0) return;
      event.preventDefault();
      column.querySelector("#composer")?.classList.add("is-drop");
    });
  }
  on("dragleave", "#timeline", (column, event) => {
    if (event.relatedTarget instanceof Node && column.contains(event.relatedTarget)) return;
    column.querySelector("#composer")?.classList.remove("is-drop");
  });
  on("drop", "#timeline", (column, event) => {
    column.querySelector("#composer")?.classList.remove("is-drop");
    if (event.dataTransfer !== null && attach(event.dataTransfer.files)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target as Element;
    if (form.matches("form[data-composer]")) pending(form as HTMLElement);
  });
  document.addEventListener("htmx:sendError", () => document.querySelector(".k-ev.is-pending")?.remove());
  document.addEventListener("htmx:afterSettle", (event) => {
    // Other parts of the page come and go too; only a composer that has just closed takes the focus.
    if ((event as CustomEvent).detail.target?.id !== "composer") return;
    const closed = document.querySelector<HTMLElement>("#composer.k-comp-closed");
    if (closed !== null && document.activeElement === document.body) closed.querySelector<HTMLElement>("a")?.focus({ preventScroll: true });
    if (document.querySelector("#composer [aria-invalid=true]") !== null) document.querySelector(".k-ev.is-pending")?.remove();
  });
}
