/** Boards: cards move between lanes by drag, by `M` and a number, or by the button on the card. */
import htmx from "htmx.org";
import { sendChange, say } from "./changes.ts";
import { all, dialogIsOpen, isPhone, isTyping, on, openParts } from "./dom.ts";
import { followPointer, ghostOf } from "./drag.ts";
import { askJson } from "./http.ts";
import { singleKeysAreOn } from "./keys.ts";
import { fillIn } from "./stages.ts";
import { boxesOf, clearSelection, showSelection } from "./selection.ts";

let moving: HTMLElement | null = null;

function boardOf(element: Element): HTMLElement {
  return element.closest<HTMLElement>("[data-board]")!;
}

function laneNamed(board: HTMLElement, name: string): HTMLElement | undefined {
  return all(board, "[data-lane]:not([data-card])").find((lane) => lane.dataset["lane"] === name);
}

function linkOf(card: HTMLElement): HTMLElement | null {
  return card.querySelector<HTMLElement>("[data-card-link]");
}

function whyFixed(card: HTMLElement): string {
  const title = linkOf(card)?.textContent?.trim() ?? "This record";
  return boardOf(card).dataset["fixed"] ?? (card.hasAttribute("data-movable") ? "" : `You may read “${title}”, not change it.`);
}

/** Puts a card into a lane, at its end where it comes from, at the start where it was dropped. */
function put(card: HTMLElement, lane: HTMLElement | undefined): void {
  const cards = lane?.querySelector("[data-cards]");
  if (cards) cards.prepend(card);
  else card.remove();
}

/** Moves a card at once and asks the server; what it refuses goes back, with the reason on the card and as a message. */
async function moveTo(card: HTMLElement, name: string): Promise<void> {
  const board = boardOf(card);
  const from = card.dataset["lane"] ?? "";
  if (name === from || whyFixed(card) !== "") return;
  const home = { parent: card.parentElement!, next: card.nextElementSibling };
  const id = card.dataset["card"]!;
  const focused = card.contains(document.activeElement);
  put(card, laneNamed(board, name));
  card.classList.add("is-saving");
  card.setAttribute("aria-busy", "true");
  if (focused && card.isConnected) linkOf(card)?.focus({ preventScroll: true });
  const answer = await sendChange(board.dataset["moveUrl"]!, { id, to: name, version: card.dataset["version"]! });
  card.classList.remove("is-saving");
  card.removeAttribute("aria-busy");
  const moved = answer?.parts.querySelector<HTMLElement>("[data-moved]") ?? null;
  const asks = moved?.dataset["asksAt"];
  if (asks !== undefined) {
    home.parent.insertBefore(card, home.next);
    return fillIn(asks);
  }
  if (answer === null || (!answer.done && !moved?.firstElementChild)) {
    home.parent.insertBefore(card, home.next);
    if (moved) mark(card, moved.dataset["refused"] ?? "");
    return;
  }
  const fresh = moved?.firstElementChild as HTMLElement | null;
  const lane = laneNamed(board, moved?.dataset["moved"] ?? "");
  if (!answer.done) home.parent.insertBefore(card, home.next);
  settle(card, fresh, lane, answer.done);
  if (!answer.done && fresh) mark(fresh, moved!.dataset["refused"] ?? "");
}

function settle(card: HTMLElement, fresh: HTMLElement | null, lane: HTMLElement | undefined, done: boolean): void {
  const focused = card.contains(document.activeElement);
  const next = (card.nextElementSibling ?? card.previousElementSibling) as HTMLElement | null;
  if (fresh === null) {
    card.remove(); // it belongs to this view no longer
    if (focused && next) linkOf(next)?.focus();
    return;
  }
  if (card.isConnected && (card.closest<HTMLElement>("section[data-lane]") === lane)) card.replaceWith(fresh);
  else {
    card.remove();
    put(fresh, lane);
  }
  htmx.process(fresh);
  if (focused) linkOf(fresh)?.focus({ preventScroll: true });
  fresh.classList.add(done ? "is-saved" : "is-refused");
  fresh.addEventListener("animationend", () => fresh.classList.remove("is-saved"), { once: true });
}

/** Says on the card itself why it stayed; it is read from there long after the message has gone. */
function mark(card: HTMLElement, why: string): void {
  card.querySelector(".k-card-why")?.remove();
  card.classList.add("is-refused");
  card.append(Object.assign(document.createElement("p"), { className: "k-card-why k-bad", textContent: why }));
}

// ---- why a card cannot go somewhere

interface Reasons {
  /** Why a card cannot go to a lane, by lane. */
  readonly why: Record<string, string>;
  /** What other lanes ask for on the way. */
  readonly asks: Record<string, string>;
}
const FREE: Reasons = { why: {}, asks: {} };
const FRESH_MILLISECONDS = 5000;
let known: { card: string; at: number; reasons: Promise<Reasons> } | null = null;

/** Asks why a card cannot go to some lanes; what was asked a moment ago, when the card got the focus, is kept. */
function reasonsFor(card: HTMLElement): Promise<Reasons> {
  const name = `${card.dataset["card"]} ${card.dataset["version"]}`;
  if (known !== null && known.card === name && performance.now() - known.at < FRESH_MILLISECONDS) return known.reasons;
  const url = new URL(boardOf(card).dataset["reasonsUrl"]!, window.location.href);
  url.searchParams.set("id", card.dataset["card"]!);
  // Without an answer every lane can be tried; the server has the last word anyway.
  const reasons = askJson<Reasons>(url.href).then((found) => found ?? FREE, () => FREE);
  known = { card: name, at: performance.now(), reasons };
  return reasons;
}

/** Dims the entries of the menu that would be refused, each with the reason. */
function bar(menu: HTMLElement, reasons: Reasons): void {
  for (const entry of all(menu, "[data-to]")) {
    const to = entry.getAttribute("aria-checked") === "true" ? "" : entry.dataset["to"]!;
    const why = reasons.why[to] ?? "";
    entry.classList.toggle("is-barred", why !== "");
    if (reasons.asks[to] !== undefined) entry.querySelector<HTMLElement>("[data-note]")!.textContent = reasons.asks[to];
    if (why === "") continue;
    entry.setAttribute("aria-disabled", "true");
    entry.querySelector<HTMLElement>("[data-note]")!.textContent = why;
  }
}

// ---- the menu

function menuOf(board: HTMLElement): HTMLElement {
  return board.parentElement!.querySelector<HTMLElement>("[data-move-menu]")!;
}

function closeMenu(back: boolean): void {
  const card = moving;
  moving = null;
  const menu = card?.isConnected ? menuOf(boardOf(card)) : document.querySelector<HTMLElement>("[data-move-menu]");
  if (menu?.matches(":popover-open")) menu.hidePopover();
  if (back && card) linkOf(card)?.focus({ preventScroll: true });
}

/** Puts the menu beside what it was opened from; on a phone it is a sheet and stands by itself. */
function stand(menu: HTMLElement, near: HTMLElement): void {
  if (isPhone()) return;
  const box = near.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - size.width - 8))}px`;
  menu.style.top = `${box.bottom + size.height + 8 < window.innerHeight ? box.bottom + 4 : Math.max(8, box.top - size.height - 4)}px`;
}

function openMenu(card: HTMLElement, near: HTMLElement): void {
  const menu = menuOf(boardOf(card));
  const why = whyFixed(card);
  moving = card;
  menu.querySelector("[data-move-title]")!.textContent = why || (linkOf(card)?.textContent?.trim() ?? "");
  for (const entry of all<HTMLButtonElement>(menu, "[data-to]")) {
    const now = entry.dataset["to"] === card.dataset["lane"];
    entry.setAttribute("aria-checked", String(now));
    entry.setAttribute("aria-disabled", String(why !== ""));
    entry.classList.remove("is-barred");
    const note = entry.querySelector<HTMLElement>("[data-note]")!;
    const lane = laneNamed(boardOf(card), entry.dataset["to"]!);
    const full = lane?.querySelector(".s .k-bad, .s .k-warn")?.textContent ?? "";
    note.textContent = now ? "now" : full;
  }
  menu.showPopover();
  stand(menu, near);
  if (why === "") {
    void reasonsFor(card).then((reasons) => {
      if (moving !== card) return;
      bar(menu, reasons);
      stand(menu, near);
    });
  }
  menu.querySelector<HTMLElement>("[data-to][aria-checked=true]")?.focus();
  if (!menu.contains(document.activeElement)) menu.querySelector<HTMLElement>("[data-to]")?.focus();
}

function choose(entry: HTMLElement): void {
  const card = moving;
  if (card === null || entry.getAttribute("aria-disabled") === "true") return;
  closeMenu(true);
  void moveTo(card, entry.dataset["to"]!);
}

function pressInMenu(event: KeyboardEvent, menu: HTMLElement): void {
  const entries = all(menu, "[data-to]");
  const at = entries.indexOf(document.activeElement as HTMLElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const digit = entries.find((entry) => entry.dataset["digit"] === event.key);
  if (event.key === "Escape" || event.key === "Tab") closeMenu(true);
  else if (step !== undefined) entries[(at + step + entries.length) % entries.length]?.focus();
  else if (event.key === "Home") entries[0]?.focus();
  else if (event.key === "End") entries.at(-1)?.focus();
  else if (digit !== undefined) choose(digit);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// ---- the cursor

function neighbour(card: HTMLElement | null, key: string): HTMLElement | undefined {
  const lanes = all(document, "section.k-lane").filter((lane) => lane.querySelector(".k-card") !== null);
  if (card === null) return lanes[0]?.querySelector<HTMLElement>(".k-card") ?? undefined;
  const lane = card.closest<HTMLElement>("section.k-lane")!;
  const cards = all(lane, ".k-card");
  const at = cards.indexOf(card);
  const down = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[key];
  if (down !== undefined) return cards[at + down];
  if (key === "Home" || key === "End") return cards.at(key === "Home" ? 0 : -1);
  const forward = (key === "ArrowRight") === (document.dir !== "rtl");
  const other = lanes[lanes.indexOf(lane) + (forward ? 1 : -1)];
  const found = other ? all(other, ".k-card") : [];
  return found[Math.min(at, found.length - 1)];
}

/** Where a selection by Shift and arrows began. */
let anchor: HTMLElement | null = null;

function focusOn(card: HTMLElement): void {
  linkOf(card)?.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** Ticks the cards of a lane from where Shift was pressed first to where the arrow leads. */
function extend(card: HTMLElement, to: HTMLElement): void {
  const lane = card.closest<HTMLElement>("section.k-lane")!;
  anchor = anchor !== null && lane.contains(anchor) ? anchor : card;
  const cards = all(lane, ".k-card");
  const [start, end] = [cards.indexOf(anchor), cards.indexOf(to)].sort((a, b) => a - b) as [number, number];
  for (const [at, each] of cards.entries()) {
    const box = each.querySelector<HTMLInputElement>("[data-select]");
    const inside = at >= start && at <= end;
    if (box !== null && (inside || each === card)) box.checked = inside;
  }
  showSelection(boardOf(card));
  focusOn(to);
}

/** Handles the keys that select; tells whether it was one of them. */
function select(event: KeyboardEvent, card: HTMLElement | null): boolean {
  const board = document.querySelector<HTMLElement>("[data-board]")!;
  if (!event.shiftKey) anchor = null;
  if (event.key === "x" && card !== null) {
    card.querySelector<HTMLInputElement>("[data-select]")?.click();
    return true;
  }
  if (event.key === "Escape" && boxesOf(board).some((box) => box.checked)) {
    clearSelection(board);
    return true;
  }
  if (!event.shiftKey || card === null || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return false;
  const next = neighbour(card, event.key);
  if (next !== undefined && card.querySelector("[data-select]") !== null) extend(card, next);
  return true;
}

function press(event: KeyboardEvent): void {
  const menu = document.querySelector<HTMLElement>("[data-move-menu]:popover-open");
  if (menu !== null) return pressInMenu(event, menu);
  if (document.querySelector("[data-board]") === null || event.defaultPrevented || isTyping(event.target)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || (!singleKeysAreOn() && event.key.length === 1)) return;
  if (dialogIsOpen() || openParts("details", "data-menu").length > 0) return;
  const card = document.activeElement?.closest<HTMLElement>(".k-card") ?? null;
  if (card === null && document.activeElement !== document.body && !document.activeElement?.matches("[data-board], #main")) return;
  if (select(event, card)) event.preventDefault();
  else if (event.key === "m" && card !== null) {
    event.preventDefault();
    openMenu(card, card);
  } else if (/^(Arrow(Up|Down|Left|Right)|Home|End|j|k)$/.test(event.key)) {
    const next = neighbour(card, event.key);
    if (next === undefined) return;
    event.preventDefault();
    focusOn(next);
  }
}

/** Draws the board as it is now, after many cards were changed; what is scrolled to and has the focus stays. */
async function redraw(): Promise<void> {
  const board = document.querySelector<HTMLElement>("[data-board]");
  if (board === null) return;
  const places = new Map([board, ...all(board, "[data-cards]")].map((part) => [part.closest<HTMLElement>("[data-lane]")?.id ?? "", [part.scrollLeft, part.scrollTop] as const]));
  const focused = document.activeElement?.closest<HTMLElement>(".k-card")?.id;
  await htmx.ajax("get", window.location.href, { source: board, target: board, swap: "outerHTML", select: "[data-board]" });
  const fresh = document.querySelector<HTMLElement>("[data-board]");
  for (const part of fresh === null ? [] : [fresh, ...all(fresh, "[data-cards]")]) {
    const [left, top] = places.get(part.closest<HTMLElement>("[data-lane]")?.id ?? "") ?? [0, 0];
    part.scrollTo({ left, top, behavior: "instant" });
  }
  const card = focused === undefined ? null : document.getElementById(focused);
  if (card !== null) linkOf(card)?.focus({ preventScroll: true });
}

// ---- dragging

function grab(card: HTMLElement, down: PointerEvent): void {
  if (down.button !== 0 || (down.target as Element).closest("button, [data-move], input")) return;
  const board = boardOf(card);
  let ghost: ReturnType<typeof ghostOf> | null = null;
  let over: HTMLElement | null = null;
  const laneAt = (x: number, y: number) =>
    document.elementsFromPoint(x, y).map((element) => element.closest<HTMLElement>("[data-board] [data-lane]:not([data-card])")).find((lane) => lane != null) ?? null;
  followPointer(down, {
    begin(at) {
      if (whyFixed(card) !== "") {
        say(whyFixed(card));
        return false;
      }
      void reasonsFor(card).then((reasons) => {
        if (!board.classList.contains("is-dragging")) return;
        for (const name of Object.keys(reasons.why)) laneNamed(board, name)?.classList.add("is-barred");
      });
      ghost = ghostOf(card, at);
      card.classList.add("is-dragged");
      board.classList.add("is-dragging");
      return true;
    },
    move(at) {
      ghost?.move(at);
      const lane = laneAt(at.x, at.y);
      if (lane === over) return;
      over?.classList.remove("is-over");
      lane?.classList.add("is-over");
      over = lane;
    },
    end(dropped) {
      ghost?.remove();
      over?.classList.remove("is-over");
      card.classList.remove("is-dragged");
      board.classList.remove("is-dragging");
      for (const lane of all(board, ".is-barred")) lane.classList.remove("is-barred");
      if (dropped && over !== null) void moveTo(card, over.dataset["lane"]!);
    },
  }, () => [board, ...all(board, "[data-cards]")]);
}

/** Marks the chip of the lane that a phone shows. */
function markChip(board: HTMLElement): void {
  const lanes = all(board, "section.k-lane");
  const start = board.getBoundingClientRect();
  const shown = lanes.find((lane) => {
    const box = lane.getBoundingClientRect();
    return document.dir === "rtl" ? box.right < start.right + 40 : box.left > start.left - 40;
  });
  for (const chip of all(document, "[data-lane-jump]")) {
    const now = shown !== undefined && chip.getAttribute("href") === `#${shown.id}`;
    if (now === (chip.getAttribute("aria-current") === "true")) continue;
    if (!now) chip.removeAttribute("aria-current");
    else {
      chip.setAttribute("aria-current", "true");
      const row = chip.parentElement!;
      row.scrollTo({ left: chip.offsetLeft - row.offsetLeft - 12 });
    }
  }
}

/** Prepares each board: its chips follow what a phone shows. */
export function prepareBoards(root: ParentNode): void {
  for (const board of all(root, "[data-board]")) {
    // In the next frame the page is laid out anyway.
    requestAnimationFrame(() => markChip(board));
    board.addEventListener("scroll", () => markChip(board), { passive: true });
  }
}

/** Listens for drags, keys, and the buttons and menus of cards. */
export function startBoards(): void {
  document.addEventListener("keydown", press);
  document.addEventListener("kith:rows", () => void redraw());
  on("pointerdown", ".k-card[data-card]", (card, event) => {
    if (card.closest("[data-board]")) grab(card, event);
  });
  on("focusin", "[data-board] .k-card[data-movable]", (card) => void reasonsFor(card));
  on("dragstart", "[data-board] .k-card", (_card, event) => event.preventDefault());
  on("click", "[data-board] [data-move]", (button, event) => {
    event.preventDefault();
    event.stopPropagation();
    openMenu(button.closest<HTMLElement>(".k-card")!, button);
  });
  on("click", "[data-move-menu] [data-to]", (entry) => choose(entry));
  document.addEventListener("pointerdown", (event) => {
    const target = event.target as Element;
    if (moving !== null && !target.closest("[data-move-menu], [data-move]")) closeMenu(false);
  });
  on("click", "[data-lane-jump]", (chip, event) => {
    const lane = document.getElementById(chip.getAttribute("href")!.slice(1));
    if (lane === null) return;
    event.preventDefault();
    lane.scrollIntoView({ inline: "start", block: "nearest", behavior: "auto" });
  });
}
