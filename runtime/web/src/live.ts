/** Rows that others change while a list is on screen show it where they stand; nothing moves, comes or goes. */
import { all } from "./dom.ts";

interface Drawn {
  readonly rows: Record<string, string>;
  readonly versions: Record<string, number>;
  readonly by: Record<string, string>;
}

const OFTEN = 5_000;
const SELDOM = 60_000;
/** Without a sign of somebody at the page, it asks less often. */
const AWAY = 5 * 60_000;

let known = new Map<string, number>();
let stamp = "";
let wait = OFTEN;
let seen = Date.now();
let timer = 0;

/** The list on screen, when its rows can be asked for. */
export function liveGrid(): HTMLElement | null {
  return document.querySelector<HTMLElement>("table.k-grid[data-live]");
}

/** The id of the record that a row stands for. */
export function recordOf(row: Element): string {
  const named = row instanceof HTMLElement ? (row.dataset["record"] ?? row.dataset["card"]) : undefined;
  if (named) return named;
  const box = row.querySelector<HTMLInputElement>("input[data-select]");
  if (box !== null) return box.value;
  return row.querySelector(".k-title a")?.getAttribute("href")?.split("/").at(-1) ?? "";
}

/** The row of a record. */
export function rowFor(record: string): HTMLTableRowElement | null {
  const grid = liveGrid();
  if (grid === null || record === "") return null;
  return all<HTMLTableRowElement>(grid, "tbody tr").find((row) => recordOf(row) === record) ?? null;
}

function parsed(markup: string): HTMLTableRowElement | null {
  const holder = document.createElement("template");
  holder.innerHTML = markup; // drawn and escaped by the server, like the page itself
  return holder.content.querySelector("tr");
}

/** Puts the cells of a row as drawn now in the place of those that differ; `by` marks them as somebody else's change. */
export function showRow(record: string, markup: string, version: number, by = ""): void {
  known.set(record, version);
  drawRow(rowFor(record), markup, by);
}

/** The same for a row in hand, also one of another table than the list on screen. */
export function drawRow(row: HTMLTableRowElement | null, markup: string, by = ""): void {
  const fresh = parsed(markup);
  if (row === null || fresh === null || row.cells.length !== fresh.cells.length) return;
  row.classList.remove("is-gone");
  for (const [place, cell] of [...row.cells].entries()) {
    const next = fresh.cells[place]!;
    if (cell.matches(".c0, .is-edit, .is-saving") || sameCell(cell, next)) continue;
    const before = cell.textContent?.trim() ?? "";
    cell.innerHTML = next.innerHTML;
    cell.classList.toggle("is-blank", next.matches(".is-blank"));
    cell.classList.toggle("is-changed", by !== "");
    cell.removeAttribute("title");
    if (by !== "") {
      cell.title = `${by} changed this. It was ${before === "" ? "empty" : before}`;
      cell.append(Object.assign(document.createElement("span"), { className: "k-vh", textContent: ` changed by ${by}, was ${before}` }));
    }
    if (cell.querySelector("[tabindex]") === null) for (const stop of all(cell, "a, button")) stop.tabIndex = -1;
  }
}

/** Compares what two cells show, without what a script has added. */
function sameCell(cell: HTMLElement, next: HTMLElement): boolean {
  const copy = cell.cloneNode(true) as HTMLElement;
  if (cell.matches(".is-changed")) copy.lastElementChild?.matches(".k-vh") && copy.lastElementChild.remove();
  copy.querySelector("[data-peek]")?.remove();
  for (const stop of all(copy, "[tabindex]")) stop.removeAttribute("tabindex");
  return copy.innerHTML.trim() === next.innerHTML.trim();
}

function strike(record: string): void {
  const row = rowFor(record);
  known.delete(record);
  if (row === null || row.matches(".is-gone")) return;
  row.classList.add("is-gone");
  const box = row.querySelector<HTMLInputElement>("input[data-select]");
  if (box !== null) box.checked = false;
  row.querySelector(".k-title")?.append(Object.assign(document.createElement("span"), { className: "k-vh", textContent: " removed" }));
}

function ids(grid: HTMLElement): string[] {
  return all(grid, "tbody tr:not(.is-gone)").map(recordOf).filter((id) => id !== "");
}

async function draw(grid: HTMLElement, changed: readonly string[], quiet: boolean): Promise<void> {
  const query = new URLSearchParams(changed.map((id): [string, string] => ["id", id]));
  query.set("list", window.location.search);
  const answer = await fetch(`${grid.dataset["live"]}/rows?${query}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const drawn = (await answer.json()) as Drawn;
  for (const id of changed) {
    const markup = drawn.rows[id];
    if (markup === undefined) strike(id);
    else showRow(id, markup, drawn.versions[id] ?? 0, quiet ? "" : (drawn.by[id] ?? ""));
  }
}

/** Draws all rows on screen as they are now, after a change of one's own. */
async function drawAll(): Promise<void> {
  const grid = liveGrid();
  if (grid === null) return;
  const gone = all(grid, "tbody tr.is-gone").map(recordOf).filter((id) => id !== "");
  await draw(grid, [...ids(grid), ...gone], true);
}

async function look(grid: HTMLElement): Promise<void> {
  const query = new URLSearchParams(ids(grid).map((id): [string, string] => ["id", id]));
  const headers: Record<string, string> = { "HX-Request": "true" };
  if (stamp !== "") headers["If-None-Match"] = stamp;
  const answer = await fetch(`${grid.dataset["live"]}/changes?${query}`, { headers, cache: "no-store" });
  if (answer.status === 304) return;
  if (!answer.ok) throw new TypeError(String(answer.status));
  stamp = answer.headers.get("ETag") ?? "";
  const { versions } = (await answer.json()) as { versions: Record<string, number> };
  const changed: string[] = [];
  for (const id of ids(grid)) {
    if (versions[id] === undefined) strike(id);
    else if (known.has(id) && known.get(id) !== versions[id]) changed.push(id);
    else known.set(id, versions[id]);
  }
  if (changed.length > 0) await draw(grid, changed, false);
}

function later(): void {
  window.clearTimeout(timer);
  const grid = liveGrid();
  if (grid === null || document.hidden) return;
  const pause = Date.now() - seen > AWAY ? Math.max(wait, SELDOM / 2) : wait;
  timer = window.setTimeout(() => {
    look(grid).then(
      () => (wait = OFTEN),
      (error: unknown) => {
        if (!(error instanceof TypeError)) throw error;
        wait = Math.min(wait * 2, SELDOM); // offline, signed out or a server in trouble: ask less and less
      },
    ).finally(later);
  }, pause);
}

/** Asks every few seconds what has changed; not in hidden tabs, and ever more seldom while there is no answer. */
export function startLive(): void {
  const grid = liveGrid();
  if (grid === null) return;
  const versions = (grid.dataset["versions"] ?? "").split(" ").filter((part) => part !== "").map(Number);
  const shown = ids(grid);
  if (versions.length === shown.length) known = new Map(shown.map((id, place) => [id, versions[place]!]));
  document.addEventListener("kith:rows", () => void drawAll());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) window.clearTimeout(timer);
    else look(grid).catch(() => undefined).finally(later);
  });
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, () => (seen = Date.now()), { passive: true });
  later();
}
