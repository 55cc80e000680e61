/** Records in time: moved and made longer by drag, by `M` and a menu, or by the button on each of them. */
import htmx from "htmx.org";
import { sendChange, say } from "./changes.ts";
import { all, isPhone, isTyping, on } from "./dom.ts";
import { followPointer, ghostOf } from "./drag.ts";
import { singleKeysAreOn } from "./keys.ts";

const HALF_HOUR = 30;
const DAY = 86_400_000;
let moving: HTMLElement | null = null;

/** How far something is to move; where rows are hours of the wall clock, its minutes are too. */
interface Shift { days: number; minutes: number; edge: string; wall?: boolean }

function linkOf(span: HTMLElement): HTMLElement | null {
  return span.querySelector<HTMLElement>("a[href]");
}

function scrollersOf(frame: HTMLElement): HTMLElement[] {
  return [frame, ...all(frame, ".k-week")];
}

/** Sends a move and draws the days anew; what was refused thereby goes back to its place. */
async function shift(span: HTMLElement, by: Shift): Promise<void> {
  const frame = span.closest<HTMLElement>("[data-spans]")!;
  const id = span.dataset["span"]!;
  if (!span.hasAttribute("data-movable")) return say(`You may read “${linkOf(span)?.textContent?.trim()}”, not change it.`);
  if (by.days === 0 && by.minutes === 0) return;
  const focused = span.contains(document.activeElement) || document.activeElement === document.body;
  span.classList.add("is-saving");
  const answer = await sendChange(frame.dataset["shiftUrl"]!, {
    id, days: String(by.days), minutes: String(by.minutes), edge: by.edge, version: span.dataset["version"]!, wall: by.wall ? "1" : "",
  });
  if (answer === null) return span.classList.remove("is-saving");
  const places = scrollersOf(frame).map((scroller) => [scroller.scrollLeft, scroller.scrollTop] as const);
  await htmx.ajax("get", window.location.href, { target: `#${frame.id}`, select: `#${frame.id}`, swap: "outerHTML" });
  for (const [at, scroller] of scrollersOf(document.getElementById(frame.id)!).entries()) scroller.scrollTo(...(places[at] ?? [0, 0]));
  if (focused) {
    const fresh = document.querySelector<HTMLElement>(`[data-span="${CSS.escape(id)}"]`);
    if (fresh) linkOf(fresh)?.focus({ preventScroll: true });
  }
}

// ---- the menu

function close(back: boolean): void {
  const menu = document.querySelector<HTMLElement>("[data-shift-menu]");
  if (menu?.matches(":popover-open")) menu.hidePopover();
  if (back && moving) linkOf(moving)?.focus({ preventScroll: true });
  moving = null;
}

function open(span: HTMLElement, near: HTMLElement): void {
  const menu = document.querySelector<HTMLElement>("[data-shift-menu]");
  if (menu === null) return;
  if (!span.hasAttribute("data-movable")) return say(`You may read “${linkOf(span)?.textContent?.trim()}”, not change it.`);
  moving = span;
  menu.querySelector("[data-shift-title]")!.textContent = linkOf(span)?.textContent?.trim() ?? "";
  menu.showPopover();
  const box = near.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  if (!isPhone()) {
    menu.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - size.width - 8))}px`;
    menu.style.top = `${box.bottom + size.height + 8 < window.innerHeight ? box.bottom + 4 : Math.max(8, box.top - size.height - 4)}px`;
  }
  menu.querySelector<HTMLElement>("[role=menuitem]")?.focus();
}

function pressInMenu(event: KeyboardEvent, menu: HTMLElement): void {
  const entries = all(menu, "[role=menuitem]");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") close(true);
  else if (step !== undefined) entries[(entries.indexOf(document.activeElement as HTMLElement) + step + entries.length) % entries.length]?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// ---- dragging

function dayAt(x: number, y: number): HTMLElement | null {
  return document.elementsFromPoint(x, y).find((element): element is HTMLElement => element.matches("[data-day]")) ?? null; // a chip may lie over two days
}

function daysBetween(from: string | undefined, to: string | undefined): number {
  return from && to ? Math.round((Date.parse(to) - Date.parse(from)) / DAY) : 0;
}

/** Tells how far a drag over days and hours goes; what is let go beside the days stays. */
function distance(span: HTMLElement, by: { x: number; y: number }, to: { x: number; y: number }, edge: string, grabbed: string | undefined): Shift {
  const scale = span.closest<HTMLElement>("[data-day-width]");
  if (scale !== null) return { days: Math.round((by.x * turned()) / Number(scale.dataset["dayWidth"])), minutes: 0, edge };
  const home = span.closest<HTMLElement>("[data-day]")!;
  const day = dayAt(to.x, to.y);
  const slot = home.querySelector(".slot")?.getBoundingClientRect().height ?? 0;
  const hours = home.hasAttribute("data-hours") && slot > 0;
  if (edge === "" && day === null) return { days: 0, minutes: 0, edge };
  const days = edge !== "" && hours ? 0 : daysBetween(edge === "end" ? (span.dataset["until"] ?? home.dataset["day"]) : grabbed, day?.dataset["day"]);
  // Among the whole days over the hours a time of day is kept.
  const timed = hours && (edge !== "" || day!.hasAttribute("data-hours"));
  const minutes = timed ? Math.round(by.y / (slot / 2)) * HALF_HOUR : 0;
  return { days, minutes, edge, wall: span.closest("[data-wall]") !== null };
}

function turned(): number {
  return document.dir === "rtl" ? -1 : 1;
}

/** Shows how long something would be while one of its ends is drawn. */
function stretch(box: HTMLElement, size: DOMRect, by: { x: number; y: number }, edge: string): void {
  if (box.matches(".k-cal-at")) box.style.blockSize = `${Math.max(8, size.height + by.y)}px`;
  if (!box.matches(".k-bar-at")) return;
  const longer = Math.max(edge === "start" ? -Infinity : 8 - size.width, Math.min(by.x * turned(), edge === "start" ? size.width - 8 : Infinity));
  box.style.inlineSize = `${size.width + (edge === "start" ? -longer : longer)}px`;
  box.style.marginInlineStart = edge === "start" ? `${longer}px` : "";
}

function grab(span: HTMLElement, down: PointerEvent, edge: string): void {
  if (down.button !== 0) return;
  let ghost: ReturnType<typeof ghostOf> | null = null;
  let at = { x: down.clientX, y: down.clientY };
  let over: HTMLElement | null = null;
  const box = span.closest<HTMLElement>(".k-cal-at, .k-bar-at") ?? span;
  const home = box.parentElement!;
  const grabbed = (span.hasAttribute("data-until") ? dayAt(at.x, at.y) : span.closest<HTMLElement>("[data-day]"))?.dataset["day"];
  const [size, began] = [box.getBoundingClientRect(), home.getBoundingClientRect()];
  // What scrolls under the pointer counts as far as it scrolled.
  const gone = () => {
    const now = home.getBoundingClientRect();
    return { x: at.x - down.clientX - now.x + began.x, y: at.y - down.clientY - now.y + began.y };
  };
  followPointer(down, {
    begin(now) {
      if (!span.hasAttribute("data-movable")) {
        say(`You may read “${linkOf(span)?.textContent?.trim()}”, not change it.`);
        return false;
      }
      if (edge === "") ghost = ghostOf(span, now);
      box.classList.add("is-dragged");
      return true;
    },
    move(now) {
      at = now;
      ghost?.move(now);
      if (edge !== "") stretch(box, size, gone(), edge);
      const day = edge === "" || box === span ? dayAt(now.x, now.y) : null;
      if (day === over) return;
      over?.classList.remove("is-over");
      day?.classList.add("is-over");
      over = day;
    },
    end(dropped) {
      ghost?.remove();
      over?.classList.remove("is-over");
      box.classList.remove("is-dragged");
      const by = distance(span, gone(), at, edge, grabbed);
      if (!dropped || (by.days === 0 && by.minutes === 0)) for (const name of ["block-size", "inline-size", "margin-inline-start"]) box.style.removeProperty(name);
      if (dropped) void shift(span, by);
    },
  }, () => all(document, ".k-week, .k-time, .k-cal"));
}

function press(event: KeyboardEvent): void {
  const menu = document.querySelector<HTMLElement>("[data-shift-menu]:popover-open");
  if (menu !== null) return pressInMenu(event, menu);
  if (event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey || !singleKeysAreOn() || isTyping(event.target)) return;
  const span = document.activeElement?.closest<HTMLElement>("[data-span]");
  if (!span) return;
  event.preventDefault();
  open(span, span);
}

/** Shows the working hours first. */
export function prepareSpans(root: ParentNode): void {
  for (const week of all(root, ".k-week.timed")) {
    const slot = week.querySelectorAll<HTMLElement>(".slot")[7];
    const heads = week.querySelector<HTMLElement>(".heads")!;
    if (slot) week.scrollTop += slot.getBoundingClientRect().top - heads.getBoundingClientRect().bottom;
  }
  for (const time of all(root, "[data-scroll-now]")) {
    const line = time.querySelector<HTMLElement>(".k-now");
    const names = time.querySelector<HTMLElement>(".nm")?.offsetWidth ?? 0;
    const third = (time.clientWidth - names) / 3;
    const start = time.getBoundingClientRect();
    if (line === null) continue;
    const at = line.getBoundingClientRect();
    time.scrollLeft += document.dir === "rtl" ? at.right - start.right + names + third : at.left - start.left - names - third;
  }
}

/** Listens for drags, keys, menus, and clicks into empty time. */
export function startSpans(): void {
  document.addEventListener("keydown", press);
  on("pointerdown", "[data-span]", (span, event) => {
    if ((event.target as Element).closest("[data-shift-open], [data-span-edge]") === null) grab(span, event, "");
  });
  on("pointerdown", "[data-span-edge]", (grip, event) => {
    const span = grip.closest<HTMLElement>("[data-span]") ?? grip.parentElement!.querySelector<HTMLElement>("[data-span]");
    if (span) grab(span, event, grip.dataset["spanEdge"]!);
    event.stopPropagation();
  });
  on("dragstart", "[data-span]", (_span, event) => event.preventDefault());
  on("click", "[data-shift-open]", (button, event) => {
    event.preventDefault();
    event.stopPropagation();
    open(button.closest<HTMLElement>("[data-span]")!, button);
  });
  on("click", "[data-shift-menu] [role=menuitem]", (entry) => {
    const span = moving;
    close(true);
    const { days, minutes, edge } = entry.dataset;
    if (span) void shift(span, { days: Number(days), minutes: Number(minutes), edge: edge ?? "" });
  });
  document.addEventListener("pointerdown", (event) => {
    if (moving !== null && !(event.target as Element).closest("[data-shift-menu], [data-shift-open]")) close(false);
  });
  on("click", "[data-new]", (slot, event) => {
    if ((event.target as Element).closest("a, button, [data-span]") === null) window.location.assign(slot.dataset["new"]!);
  });
}
