/** The history of a field, as a card beside it. Without script its opener is a link to the same as a page. */
import htmx from "htmx.org";
import { all, isPhone, on } from "./dom.ts";
import { singleKeysAreOn } from "./keys.ts";

let opener: HTMLElement | null = null;

function card(): HTMLElement | null {
  return document.querySelector<HTMLElement>("#past [data-past-card]");
}

function close(): void {
  const open = card();
  if (open === null) return;
  open.remove();
  opener?.setAttribute("aria-expanded", "false");
  opener?.focus();
  opener = null;
}

function place(open: HTMLElement, beside: HTMLElement): void {
  if (isPhone()) return; // there it is a sheet, and stands by itself
  const at = beside.getBoundingClientRect();
  const size = open.getBoundingClientRect();
  const gap = 10;
  const rightwards = document.dir !== "rtl";
  const wanted = rightwards ? at.right + gap : at.left - gap - size.width;
  const left = Math.max(gap, Math.min(wanted, window.innerWidth - size.width - gap));
  const top = Math.max(gap, Math.min(at.top - 12, window.innerHeight - size.height - gap));
  // Set by the object model, which the policy for styles allows.
  open.style.left = `${left}px`;
  open.style.top = `${top}px`;
}

/** Opens histories from their clocks and by H, and prints. */
export function startPast(): void {
  on("click", "[data-past]", (button, event) => {
    if (!(button instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void htmx.ajax("get", button.href, { target: "#past", swap: "innerHTML" });
    opener?.setAttribute("aria-expanded", "false");
    opener = button;
    button.setAttribute("aria-expanded", "true");
  });
  on("click", "[data-past-close]", (_button, event) => {
    if (card() === null) return;
    event.preventDefault();
    close();
  });
  document.addEventListener("htmx:afterSettle", () => {
    const open = card();
    if (open === null || opener === null || open.classList.contains("is-placed")) return;
    open.classList.add("is-placed");
    place(open, opener);
    open.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && card() !== null && !event.defaultPrevented) {
      event.preventDefault();
      close();
    } else if (event.key === "h" && singleKeysAreOn() && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const row = document.activeElement?.closest<HTMLElement>("[data-value]:not(.is-edit)");
      const past = row?.querySelector<HTMLElement>("[data-past]");
      if (past) {
        event.preventDefault();
        past.click();
      }
    }
  });
  document.addEventListener("click", (event) => {
    const open = card();
    if (open !== null && !open.contains(event.target as Node) && !(event.target as Element).closest("[data-past]")) close();
  });
  on("click", "[data-print]", () => window.print());
  for (const bar of all(document, ".k-paper-bar")) bar.hidden = false;
}
