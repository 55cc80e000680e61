/** Records in time: moved and made longer by drag, by `M` and a menu, or by the button on each of them. */
import htmx from "htmx.org";
import { sendChange, say } from "./changes.ts";
import { all, isPhone, isTyping, on } from "./dom.ts";
import { followPointer, ghostOf } from "./drag.ts";
import { singleKeysAreOn } from "./keys.ts";

const HALF_HOUR = 30;
const DAY = 86_400_000;
let moving: HTMLElement | null = null;

/** How far something is to move. */
interface Shift { days: number; minutes: number; edge: string }

function linkOf(span: HTMLElement): HTMLElement | null {
  return span.querySelector<HTMLElement>("a[href]");
}

/** Sends a move and draws the days anew; what was refused thereby goes back to its place. */
async function shift(span: HTMLElement, by: Shift): Promise<void> {
  const frame = span.closest<HTMLElement>("[data-spans]")!;
  const id = span.dataset["span"]!;
  if (!span.hasAttribute("data-movable")) return say(`You may read “${linkOf(span)?.textContent?.trim()}”, not change it.`);
  if (by.days === 0 && by.minutes === 0) return;
  const focused = span.contains(document.activeElement) || document.activeElement === document.body;
  span.classList.add("is-saving");
  await sendChange(frame.dataset["shiftUrl"]!, {
    id, days: String(by.days), minutes: String(by.minutes), edge: by.edge, version: span.dataset["version"]!,
  });
  await htmx.ajax("get", window.location.href, { target: `#${frame.id}`, select: `#${frame.id}`, swap: "outerHTML" });
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
  return document.elementsFromPoint(x, y).map((element) => element.closest<HTMLElement>("[data-day]")).find((day) => day != null) ?? null;
}

function daysBetween(from: string | undefined, to: string | undefined): number {
  return from && to ? Math.round((Date.parse(to) - Date.parse(from)) / DAY) : 0;
}

/** Tells how far a drag over days and hours goes. */
function distance(span: HTMLElement, from: { x: number; y: number }, to: { x: number; y: number }, edge: string): Shift {
  const scale = span.closest<HTMLElement>("[data-day-width]");
  if (scale !== null) {
    const turned = document.dir === "rtl" ? -1 : 1;
    return { days: Math.round(((to.x - from.x) * turned) / Number(scale.dataset["dayWidth"])), minutes: 0, edge };
  }
  const home = span.closest<HTMLElement>("[data-day]")!;
  const days = edge === "end" ? 0 : daysBetween(home.dataset["day"], dayAt(to.x, to.y)?.dataset["day"]);
  const slot = home.querySelector(".slot")?.getBoundingClientRect().height ?? 0;
  const minutes = home.hasAttribute("data-hours") && slot > 0 ? Math.round((to.y - from.y) / (slot / 2)) * HALF_HOUR : 0;
  return { days, minutes, edge };
}

function grab(span: HTMLElement, down: PointerEvent, edge: string): void {
  if (down.button !== 0) return;
  let ghost: ReturnType<typeof ghostOf> | null = null;
  let from = { x: 0, y: 0 };
  let at = from;
  let over: HTMLElement | null = null;
  const box = span.closest<HTMLElement>(".k-cal-at, .k-bar-at") ?? span;
  followPointer(down, {
    begin(now) {
      if (!span.hasAttribute("data-movable")) {
        say(`You may read “${linkOf(span)?.textContent?.trim()}”, not change it.`);
        return false;
      }
      from = at = { x: down.clientX, y: down.clientY };
      if (edge === "") ghost = ghostOf(span, now);
      box.classList.add("is-dragged");
      return true;
    },
    move(now) {
      at = now;
      ghost?.move(now);
      const day = edge === "" ? dayAt(now.x, now.y) : null;
      if (day === over) return;
      over?.classList.remove("is-over");
      day?.classList.add("is-over");
      over = day;
    },
    end(dropped) {
      ghost?.remove();
      over?.classList.remove("is-over");
      box.classList.remove("is-dragged");
      if (dropped) void shift(span, distance(span, from, at, edge));
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
