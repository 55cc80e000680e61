/** Menus on `<details data-menu>`: open without script; with it they close outside and by Escape, and follow the arrows. */
import { all, openParts } from "./dom.ts";

function openMenus(): HTMLDetailsElement[] {
  return openParts("details", "data-menu");
}

function entries(menu: HTMLElement): HTMLElement[] {
  return all(menu, ".k-pop :is(a[href], button:not(:disabled))");
}

function press(event: KeyboardEvent): void {
  const menu = openMenus().at(-1);
  if (menu === undefined) return;
  if (event.key === "Escape") {
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary")?.focus();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || !menu.contains(document.activeElement)) return;
  event.preventDefault();
  const items = entries(menu);
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (step > 0 ? 0 : items.length - 1) : (at + step + items.length) % items.length;
  items[next]?.focus();
}

/** Listens for keys and for clicks outside an open menu. */
export function startMenus(): void {
  document.addEventListener("keydown", press);
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      if (!menu.contains(event.target as Node)) menu.open = false;
    }
  });
}
