/** The panel beside a list or a board: the record under the cursor, as parts of its page. On phones a record just opens. */
import htmx from "htmx.org";
import { all, dialogIsOpen, isPhone, isTyping, on } from "./dom.ts";
import { ask } from "./http.ts";
import { beforeKeys } from "./keys.ts";
import { icon } from "./listbox.ts";
import { liveGrid, recordOf, rowFor } from "./live.ts";
import { loadRecords } from "./parts.ts";
import { showToast } from "./toasts.ts";
import { waitAt } from "./waiting.ts";

/** Holding an arrow key down asks for the record where one stops, not for each on the way. */
const SETTLE_MILLISECONDS = 120;

let shown = "";
let timer = 0;
let opener: HTMLButtonElement | null = null;

function panel(): HTMLElement | null {
  return document.querySelector<HTMLElement>("aside.k-peek");
}

/** What stands for a record: a row of a list, a card of a board. */
const PLACES = "table.k-grid tbody tr, [data-board] .k-card";

/** The list or board on screen whose records can be asked for. */
function stage(): HTMLElement | null {
  return liveGrid() ?? document.querySelector<HTMLElement>("[data-board][data-live]");
}

function placeHere(): HTMLElement | null {
  const focused = document.activeElement?.closest<HTMLElement>(PLACES) ?? null;
  return focused ?? stage()?.querySelector<HTMLElement>(".is-cursor") ?? null;
}

function placeOf(record: string): HTMLElement | null {
  return rowFor(record) ?? document.getElementById(`card-${record}`);
}

function linkIn(place: HTMLElement | null): HTMLElement | null {
  return place?.querySelector<HTMLElement>(".k-title a, [data-card-link]") ?? null;
}

async function show(record: string): Promise<void> {
  const grid = stage();
  if (grid === null || record === "") return;
  shown = record;
  const shows = panel();
  const stop = shows === null ? () => {} : waitAt(shows);
  const [answer] = await Promise.all([ask(`${grid.dataset["live"]}/${record}/peek`).catch(() => null), loadRecords()]);
  stop();
  if (shown !== record) return; // the cursor went on meanwhile
  if (answer === null || !answer.ok) {
    const gone = answer?.status === 404;
    if (panel() === null) shown = "";
    showToast({ text: gone ? "This record does not exist any more, or you may not see it." : "The server cannot be reached. Try again when you are back.", icon: "alert-circle" });
    return;
  }
  const side = panel() ?? made();
  const markup = await answer.text();
  if (shown !== record) return;
  side.innerHTML = markup;
  side.setAttribute("aria-label", side.querySelector("h1")?.textContent?.trim() ?? "Record");
  htmx.process(side);
  for (const place of all(grid, ".is-peeked")) place.classList.remove("is-peeked");
  placeOf(record)?.classList.add("is-peeked");
}

function made(): HTMLElement {
  const side = document.createElement("aside");
  side.className = "k-peek";
  side.dataset["region"] = "";
  document.getElementById("main")?.append(side);
  return side;
}

function close(): void {
  const place = placeOf(shown);
  const hadFocus = panel()?.contains(document.activeElement) ?? false;
  shown = "";
  window.clearTimeout(timer);
  panel()?.remove();
  for (const marked of all(document, ".is-peeked")) marked.classList.remove("is-peeked");
  if (hadFocus) linkIn(place)?.focus();
}

function step(by: number): void {
  const grid = stage();
  if (grid === null) return;
  const rows = all(grid, "tbody tr, .k-card").filter((row) => recordOf(row) !== "");
  const next = rows[rows.findIndex((row) => recordOf(row) === shown) + by];
  if (next === undefined) return;
  for (const row of rows) row.classList.toggle("is-cursor", row === next);
  next.scrollIntoView({ block: "nearest" });
  void show(recordOf(next));
}

function press(event: KeyboardEvent): void {
  if (isPhone() || event.defaultPrevented || isTyping(event.target) || dialogIsOpen()) return;
  const target = event.target instanceof Element ? event.target : document.body;
  if (event.key === "Escape" && (panel() !== null || shown !== "") && target.closest("form[data-inline]") === null) {
    event.preventDefault();
    close();
    return;
  }
  const row = placeHere();
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
  const inList = target === document.body || (target.closest("table.k-grid tbody, [data-board] .k-card") !== null && !target.matches("input, button, summary"));
  const edits = event.key === "F2" && row !== null && row.matches(".k-card");
  if ((event.key !== " " && !edits) || !plain || row === null || !inList) return;
  event.preventDefault();
  if (edits) void show(recordOf(row)).then(() => panel()?.querySelector<HTMLElement>(".k-dl :is(.go, .k-add-v)")?.click());
  else if (shown === recordOf(row)) close();
  else void show(recordOf(row));
}

function follow(): void {
  const row = placeHere();
  const record = row === null ? "" : recordOf(row);
  if (shown === "" || record === "" || record === shown) return;
  window.clearTimeout(timer);
  timer = window.setTimeout(() => void show(record), SETTLE_MILLISECONDS);
}

/** Puts the one button that opens the panel into the row or card that is pointed at or has the focus. */
function offer(row: HTMLElement): void {
  const title = row.querySelector<HTMLElement>(".k-title, .k-card-acts");
  if (title === null || isPhone() || stage() === null || opener?.parentElement === title) return;
  opener ??= Object.assign(document.createElement("button"), { type: "button", className: "btn btn-icon btn-xs k-peek-btn", tabIndex: -1, innerHTML: icon("layout-sidebar"), title: "Look beside the list (Space)" });
  opener.dataset["peek"] = "";
  opener.setAttribute("aria-label", "Look at it beside the list");
  if (title.matches(".k-title")) title.append(opener);
  else title.prepend(opener);
}

/** Space opens and closes the panel, F2 edits a card in it, Escape closes it; before the keys of the list and the page. */
export function startPeekKeys(): void {
  beforeKeys(press);
}

/** Follows the cursor while the panel is open, and shows in the rows what was changed in it. */
export function startPeek(): void {
  on("focusin", PLACES, (row) => {
    offer(row);
    follow();
  });
  on("pointerover", PLACES, (row) => offer(row));
  on("click", "[data-peek]", (button, event) => {
    event.preventDefault();
    void show(recordOf(button.closest(PLACES)!));
  });
  on("click", "[data-peek-close]", close);
  on("click", "[data-peek-step]", (button) => step(Number(button.dataset["peekStep"])));
  document.addEventListener("kith:moved", () => {
    if (shown !== "") void show(shown);
    document.dispatchEvent(new CustomEvent("kith:rows"));
  });
  document.addEventListener("kith-changed", () => panel() !== null && document.dispatchEvent(new CustomEvent("kith:rows")));
}
