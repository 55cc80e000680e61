/** Work on many rows: the whole page or all that match, the dialog that asks what to do, and progress in the bar. */
import { all, dialogIsOpen, isPhone, isTyping, on } from "./dom.ts";
import { release } from "./forms.ts";
import { ask, askQuietly } from "./http.ts";
import { icon } from "./listbox.ts";
import { openOver } from "./over.ts";
import { boxesOf, clearSelection, holderIn, showSelection } from "./selection.ts";
import { showToast } from "./toasts.ts";

/** How far a run is, as the server tells it. */
interface Progress {
  readonly at: string;
  readonly state: "draft" | "running" | "cancelled" | "done";
  readonly tried: number;
  readonly total: number;
  readonly failed: number;
  readonly words: string;
  readonly undo: string;
  readonly show: string;
  readonly kind: string;
}

type Draw = (progress: Progress) => void;

const PAUSE_MILLISECONDS = [2000, 5000, 15000];
const OFFLINE = "The server cannot be reached. What is done stays done; it goes on by itself when you are back.";

function barOf(element: Element): HTMLElement | null {
  return element.closest("form")?.querySelector<HTMLElement>("[data-bulk]") ?? null;
}

/** Chooses all that match instead of the ticked rows, or goes back to these. */
function chooseAll(form: HTMLFormElement, yes: boolean): void {
  const scope = form.querySelector<HTMLInputElement>("[data-bulk-scope]");
  const said = form.querySelector<HTMLElement>("[data-bulk-said]");
  const button = form.querySelector<HTMLElement>("[data-bulk-all]");
  if (scope === null || said === null || (scope.value === "1") === yes) return;
  scope.value = yes ? "1" : "";
  if (button !== null) button.hidden = yes;
  if (!yes) {
    said.innerHTML = "<span data-bulk-count></span> selected";
    const holder = holderIn(form);
    if (holder !== null) showSelection(holder);
    return;
  }
  const total = form.querySelector<HTMLElement>("[data-total]")?.dataset["total"] ?? "";
  said.textContent = total === "" ? "All that match selected" : `All ${total} selected`;
}

function selectPage(event: KeyboardEvent): void {
  const holder = holderIn(document);
  if (holder === null || holder.closest("form") === null || event.key.toLowerCase() !== "a" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  const boxes = boxesOf(holder);
  if (boxes.length === 0 || isTyping(event.target) || dialogIsOpen()) return;
  event.preventDefault();
  const form = holder.closest("form")!;
  if (boxes.every((box) => box.checked)) {
    if (form.querySelector("[data-bulk-all]") !== null) chooseAll(form, true);
    return;
  }
  for (const box of boxes) box.checked = true;
  showSelection(holder);
}

async function post(address: string): Promise<Progress | null> {
  const answer = await ask(address, { method: "POST", body: new FormData() });
  if (answer.ok && answer.headers.get("Content-Type")?.includes("json")) return (await answer.json()) as Progress;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  showToast({ text: page.querySelector("[data-problem] p")?.textContent ?? "This did not work. Try again.", icon: "alert-circle" });
  return null;
}

/** Asks for the parts of a run until it is through; waits and tries again when the network is gone. */
async function drive(begun: Progress, draw: Draw): Promise<Progress> {
  let found = begun;
  let missed = 0;
  draw(found);
  while (found.state === "running") {
    try {
      const next = await post(`${found.at}/next`);
      if (next === null) return found;
      found = next;
      missed = 0;
      draw(found);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      if (missed === 0) showToast({ text: OFFLINE, icon: "alert-circle" });
      await new Promise((resolve) => window.setTimeout(resolve, PAUSE_MILLISECONDS[Math.min(missed, 2)]));
      missed += 1;
    }
  }
  return found;
}

function button(label: string, act: () => void): HTMLButtonElement {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: label });
  made.addEventListener("click", act);
  return made;
}

/** The progress line, in the place of the bar over the rows. */
function progressBar(form: HTMLElement): HTMLElement {
  form.querySelector("[data-run-bar]")?.remove();
  const bar = document.createElement("div");
  bar.className = "k-bulk k-bulk-run";
  bar.dataset["runBar"] = "";
  bar.role = "status";
  form.append(bar);
  form.classList.add("is-running");
  return bar;
}

function drawRunning(bar: HTMLElement, progress: Progress): void {
  const line = bar.querySelector("progress");
  if (line !== null) {
    line.value = progress.tried;
    bar.querySelector("[data-run-words]")!.textContent = progress.words;
    return;
  }
  const made = Object.assign(document.createElement("progress"), { className: "k-run-bar", max: Math.max(progress.total, 1), value: progress.tried });
  made.setAttribute("aria-label", "Progress");
  const words = Object.assign(document.createElement("span"), { className: "k-num", textContent: progress.words });
  words.dataset["runWords"] = "";
  const stop = button("Cancel", () => {
    stop.disabled = true;
    void post(`${progress.at}/cancel`);
  });
  bar.replaceChildren(made, words, stop);
}

function drawResult(form: HTMLElement, bar: HTMLElement, progress: Progress): void {
  const words = Object.assign(document.createElement("span"), { className: "k-num", textContent: progress.words });
  const parts: HTMLElement[] = [words];
  if (progress.show !== "") parts.push(Object.assign(document.createElement("a"), { className: "lnk", href: progress.at, textContent: progress.show }));
  if (progress.undo !== "") {
    const undo = button("Undo", () => {
      undo.disabled = true;
      void post(progress.undo).then((begun) => (begun === null ? undefined : start(form, begun)));
    });
    undo.dataset["runUndo"] = "";
    undo.title = "Ctrl Z";
    parts.push(undo);
  }
  const close = button("", () => endBar(form));
  close.className = "btn btn-icon btn-sm";
  close.setAttribute("aria-label", "Close");
  close.innerHTML = icon("x");
  bar.replaceChildren(...parts, close);
}

function endBar(form: HTMLElement): void {
  form.querySelector("[data-run-bar]")?.remove();
  form.classList.remove("is-running");
}

/** Runs to the end with its progress in the bar of a list; the rows are shown anew where they stand. */
async function start(form: HTMLElement, begun: Progress): Promise<void> {
  const bar = progressBar(form);
  const done = await drive(begun, (progress) => drawRunning(bar, progress));
  if (done.state === "running") return endBar(form);
  drawResult(form, bar, done);
  if (form instanceof HTMLFormElement) chooseAll(form, false);
  const holder = holderIn(form);
  if (holder !== null) clearSelection(holder);
  document.dispatchEvent(new CustomEvent("kith:rows"));
}

const FIRST = ".is-invalid, #run-form :is(input:not([type=hidden]), select, textarea), select, footer button.btn-danger";

function put(dialog: HTMLDialogElement, markup: string): void {
  dialog.innerHTML = markup;
  const head = dialog.querySelector("h2");
  if (head !== null) dialog.setAttribute("aria-labelledby", (head.id ||= "k-run-h"));
  dialog.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
  dialog.querySelector<HTMLElement>(FIRST)?.focus();
}

async function sendDialog(dialog: HTMLDialogElement, list: HTMLElement, sent: HTMLFormElement): Promise<void> {
  const answer = await ask(sent.action, { method: "POST", body: new FormData(sent) });
  release(sent);
  if (!answer.headers.get("Content-Type")?.includes("json")) return put(dialog, await answer.text());
  dialog.dataset["begun"] = "";
  dialog.close();
  void start(list, (await answer.json()) as Progress);
}

/** Whether such a dialog is on its way: a second press meanwhile means the same. */
let isAsked = false;

/** Opens the dialog that asks what to do with the chosen rows, fixed by then; false where nothing has to be asked. */
async function openRun(form: HTMLFormElement, address: string, action: string): Promise<boolean> {
  if (isAsked) return true;
  isAsked = true;
  const opener = document.activeElement;
  const body = new FormData(form);
  body.set("action", action);
  const answer = await askQuietly(address, { method: "POST", body }).finally(() => (isAsked = false));
  if (answer === null) {
    showToast({ text: "The server cannot be reached. Nothing was changed; try again in a moment.", icon: "alert-circle" });
    return true;
  }
  if (answer.status === 204) return false;
  if (!answer.ok || answer.redirected) window.location.reload();
  if (!answer.ok || answer.redirected) return true;
  const dialog = Object.assign(document.createElement("dialog"), { className: "k-dialog k-newdlg k-rundlg" });
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    const cancel = dialog.dataset["begun"] === undefined ? dialog.querySelector<HTMLFormElement>("footer form") : null;
    if (cancel !== null) void ask(cancel.action, { method: "POST", body: new FormData() });
    dialog.remove();
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
  });
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    const sent = event.target as HTMLFormElement;
    if (sent.matches("[data-run-pick]")) release(sent);
    else if (sent.id === "run-form") void sendDialog(dialog, form, sent);
    else dialog.close();
  });
  dialog.addEventListener("change", (event) => {
    const pick = (event.target as Element).closest<HTMLFormElement>("[data-run-pick]");
    if (pick === null) return;
    const menu = pick.querySelector("select")!;
    const field = menu.value;
    const query = new URLSearchParams({ do: "change", field });
    // Who chooses quickly is answered once, for the last choice.
    void ask(`${pick.action}?${query}`).then(async (found) => {
      const markup = await found.text();
      if (menu.isConnected && menu.value === field) put(dialog, markup);
    });
  });
  put(dialog, await answer.text());
  openOver(dialog);
  dialog.querySelector<HTMLElement>(FIRST)?.focus();
  return true;
}

/** Buttons whose rows may go without a question: nothing goes along with them. */
const free = new WeakSet<Element>();

const HOLD_MILLISECONDS = 500;
let holding = 0;

/** On a phone rows are ticked by holding one, or by the button under the list; then a tap ticks instead of opening. */
function startTouch(): void {
  const ticks = (row: Element) => row.closest("table.k-grid")?.classList.contains("k-grid-sel") ?? false;
  const toggle = (row: Element) => row.querySelector<HTMLInputElement>("[data-select]")?.click();
  on("pointerdown", "form table.k-grid tbody tr", (row, event) => {
    window.clearTimeout(holding);
    if (event.pointerType !== "touch" || !isPhone() || ticks(row)) return;
    holding = window.setTimeout(() => {
      toggle(row);
      row.addEventListener("click", (click) => click.preventDefault(), { once: true, capture: true });
    }, HOLD_MILLISECONDS);
  });
  for (const name of ["pointerup", "pointercancel", "scroll"]) document.addEventListener(name, () => window.clearTimeout(holding), true);
  document.addEventListener("contextmenu", (event) => {
    if (isPhone() && (event.target as Element).closest("form table.k-grid tbody tr") !== null) event.preventDefault();
  });
  on("click", "form table.k-grid tbody .k-title a", (link, event) => {
    const row = link.closest("tr")!;
    if (event.defaultPrevented || !isPhone() || !ticks(row)) return;
    event.preventDefault();
    toggle(row);
  });
  on("click", "[data-select-start]", (start) => {
    const grid = start.closest("form")?.querySelector<HTMLElement>("table.k-grid");
    grid?.classList.add("k-grid-sel");
    grid?.querySelector<HTMLElement>("[data-select]")?.focus();
  });
}

/** Goes on with a run on its own page. */
export function prepareBulk(root: ParentNode): void {
  for (const start of all(root, "[data-select-start]")) start.hidden = false;
  for (const box of all(root, "[data-run-auto]")) {
    const words = box.querySelector("[data-run-words]");
    const line = box.querySelector("progress");
    const next = box.querySelector<HTMLElement>("[data-run-next]");
    if (next !== null) next.hidden = true;
    const at = box.dataset["runAuto"]!;
    delete box.dataset["runAuto"];
    const begun: Progress = { at, state: "running", tried: 0, total: 0, failed: 0, words: words?.textContent ?? "", undo: "", show: "", kind: "" };
    void drive(begun, (progress) => {
      if (words !== null) words.textContent = progress.words;
      if (line !== null && progress.total > 0) line.value = (progress.tried * 100) / progress.total;
    }).then((done) => done.state !== "running" && window.location.reload());
  }
}

/** Ctrl+A ticks the page and then chooses all that match; the buttons of the bar open their dialog. */
export function startBulk(): void {
  startTouch();
  document.addEventListener("keydown", selectPage);
  document.addEventListener("keydown", (event) => {
    const undo = document.querySelector<HTMLButtonElement>("[data-run-undo]:not(:disabled)");
    const wanted = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    if (undo === null || !wanted || isTyping(event.target) || document.querySelector("[data-toast] form") !== null || dialogIsOpen()) return;
    event.preventDefault();
    undo.click();
  });
  document.addEventListener("kith:selected", (event) => {
    const form = (event.target as Element).closest("form");
    const boxes = form === null ? [] : all<HTMLInputElement>(form, "[data-select]");
    if (form !== null && !boxes.every((box) => box.checked)) chooseAll(form, false);
  });
  on("click", "[data-bulk-all]", (link, event) => {
    event.preventDefault();
    const form = link.closest("form")!;
    for (const box of all<HTMLInputElement>(form, "[data-select]")) box.checked = true;
    showSelection(holderIn(form)!);
    chooseAll(form, true);
    barOf(link)?.querySelector<HTMLElement>("[data-bulk-clear]")?.focus();
  });
  on("click", "[data-run-open]", (opener, event) => {
    event.preventDefault();
    void openRun(opener.closest("form")!, opener.getAttribute("formaction")!, (opener as HTMLButtonElement).value);
  });
  on("click", "[data-run-delete]", (opener, event) => {
    if (free.delete(opener)) return;
    event.preventDefault();
    void openRun(opener.closest("form")!, opener.dataset["runDelete"]!, "delete").then((asked) => {
      if (asked) return;
      free.add(opener);
      opener.click();
    });
  });
}
