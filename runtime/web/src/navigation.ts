/** The side navigation as a drawer on phones. Its opener is a link to the drawer's id, which also works without script. */
import { on, pointedAt } from "./dom.ts";

let opener: HTMLElement | null = null;

function close(): void {
  document.querySelector(".k-side.is-open")?.classList.remove("is-open");
  opener?.setAttribute("aria-expanded", "false");
  opener?.focus();
  opener = null;
}

/** Opens the drawer from `[data-nav-open]`; a click outside, Escape or a chosen entry closes it. */
export function startNavigation(): void {
  on("click", "[data-nav-open]", (button, event) => {
    const side = pointedAt(button.getAttribute("href") ?? button.dataset["navOpen"]);
    if (side === null) return;
    event.preventDefault();
    event.stopPropagation();
    opener = button;
    button.setAttribute("aria-expanded", "true");
    side.classList.add("is-open");
    side.querySelector<HTMLElement>("a[href], button")?.focus();
  });
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (opener !== null && !opener.contains(target) && target.closest(".k-side") === null) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && opener !== null) close();
  });
}
