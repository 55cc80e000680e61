/** Dragging by mouse, pen or a long press of a finger, for boards, calendars, trees and timelines. */

/** What a thing that can be dragged says and hears. Return `false` from `begin` when it stays where it is. */
export interface Drag {
  begin(at: { x: number; y: number }): boolean;
  move(at: { x: number; y: number }): void;
  /** `dropped` is false when the person gave up with Escape or the system took the pointer away. */
  end(dropped: boolean): void;
}

const SLACK = 5;
const PRESS_MILLISECONDS = 350;
const EDGE = 48;

/** Scrolls the elements under the pointer while it is near their edge. */
function scrollAt(scrollers: HTMLElement[], x: number, y: number): void {
  for (const element of scrollers) {
    const box = element.getBoundingClientRect();
    if (x < box.left || x > box.right || y < box.top || y > box.bottom) continue;
    const speed = (near: number, far: number) => (near < EDGE ? -(EDGE - near) / 4 : far < EDGE ? (EDGE - far) / 4 : 0);
    element.scrollBy(speed(x - box.left, box.right - x), speed(y - box.top, box.bottom - y));
  }
}

/**
 * Follows a pointer that went down on something that can be dragged. A finger has to rest first, so that lists still
 * scroll; a mouse has to move a little, so that clicks still click.
 */
export function followPointer(down: PointerEvent, drag: Drag, scrollers: () => HTMLElement[]): void {
  const touch = down.pointerType === "touch";
  let dragging = false;
  let at = { x: down.clientX, y: down.clientY };
  let frame = 0;

  const start = () => {
    dragging = drag.begin(at);
    if (!dragging) stop(false);
    else scroll();
  };
  const scroll = () => {
    scrollAt(scrollers(), at.x, at.y);
    drag.move(at);
    frame = requestAnimationFrame(scroll);
  };
  const move = (event: PointerEvent) => {
    if (event.pointerId !== down.pointerId) return;
    at = { x: event.clientX, y: event.clientY };
    if (dragging) return;
    const far = Math.hypot(at.x - down.clientX, at.y - down.clientY) > SLACK;
    if (far && touch) stop(false);
    else if (far) start();
  };
  const up = (event: PointerEvent) => {
    if (event.pointerId === down.pointerId) stop(event.type === "pointerup");
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !dragging) return;
    event.preventDefault();
    event.stopPropagation();
    stop(false);
  };
  // A finger that drags must not scroll the page as well.
  const hold = (event: TouchEvent) => {
    if (dragging) event.preventDefault();
  };
  const swallow = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  const timer = touch ? window.setTimeout(start, PRESS_MILLISECONDS) : 0;
  const stop = (dropped: boolean) => {
    window.clearTimeout(timer);
    cancelAnimationFrame(frame);
    for (const [name, listener] of listeners) document.removeEventListener(name, listener as EventListener, true);
    if (!dragging) return;
    dragging = false;
    drag.move(at);
    drag.end(dropped);
    // The click that follows the drop belongs to the drag; without one, the next click is a person's own.
    document.addEventListener("click", swallow, { capture: true, once: true });
    window.setTimeout(() => document.removeEventListener("click", swallow, true), 50);
  };
  const listeners = [["pointermove", move], ["pointerup", up], ["pointercancel", up], ["keydown", press], ["touchmove", hold], ["contextmenu", touch ? swallow : () => {}]] as const;
  for (const [name, listener] of listeners) document.addEventListener(name, listener as EventListener, { capture: true, passive: false });
}

/** Makes a copy of something that floats under the pointer while it is dragged; call what it returns to move it. */
export function ghostOf(element: HTMLElement, at: { x: number; y: number }): { move(at: { x: number; y: number }): void; remove(): void } {
  const box = element.getBoundingClientRect();
  const ghost = element.cloneNode(true) as HTMLElement;
  ghost.removeAttribute("id");
  ghost.setAttribute("aria-hidden", "true");
  ghost.inert = true;
  ghost.classList.add("k-ghost");
  ghost.style.inlineSize = `${box.width}px`;
  ghost.style.blockSize = `${box.height}px`;
  document.body.append(ghost);
  const move = (now: { x: number; y: number }) => {
    ghost.style.transform = `translate(${now.x - at.x + box.left}px, ${now.y - at.y + box.top}px) rotate(1.5deg)`;
  };
  move(at);
  return { move, remove: () => ghost.remove() };
}
