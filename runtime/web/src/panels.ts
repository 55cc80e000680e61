/** Panels under a button of the top bar: the opener is a link to a page that shows the same. */
import htmx from "htmx.org";
import { on } from "./dom.ts";
import { askQuietly } from "./http.ts";
import { troubleCard } from "./trouble.ts";

async function fill(panel: HTMLElement, path: string): Promise<void> {
  const answer = await askQuietly(path);
  if (answer === null || !answer.ok) {
    panel.replaceChildren(await troubleCard(answer, () => void fill(panel, path)));
    panel.querySelector("button")?.focus();
    return;
  }
  // Drawn by the server like any page; htmx is told so that its own attributes work.
  panel.innerHTML = await answer.text();
  htmx.process(panel);
  panel.querySelector<HTMLElement>("a[href], button")?.focus();
}

/** Opens `[data-panel="/part"]` as a popover, which closes by Escape, by a click outside, and by its opener. */
export function startPanels(): void {
  on("click", "[data-panel]", (opener, event) => {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    let panel = document.getElementById("k-panel");
    if (panel === null) {
      panel = document.createElement("div");
      panel.id = "k-panel";
      panel.className = "k-pop k-panel";
      panel.setAttribute("popover", "auto");
      panel.role = "dialog";
      panel.setAttribute("aria-label", opener.dataset.panelName ?? "");
      opener.after(panel);
      panel.addEventListener("toggle", (change) => {
        const isOpen = (change as ToggleEvent).newState === "open";
        opener.setAttribute("aria-expanded", String(isOpen));
        if (!isOpen && panel!.contains(document.activeElement)) opener.focus();
      });
    }
    panel.togglePopover();
    if (panel.matches(":popover-open")) void fill(panel, opener.dataset["panel"]!);
  });
}
