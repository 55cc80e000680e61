/** Tabs over panels of one page. Without script they are links to the panels, which then stand one below the other. */
import { all, isPhone, on, pointedAt, settledAt } from "./dom.ts";

function tabsOf(list: HTMLElement): HTMLElement[] {
  return all(list, "a[href^='#']");
}

function panelOf(tab: HTMLElement): HTMLElement | null {
  return pointedAt(tab.getAttribute("href"));
}

function show(list: HTMLElement, chosen: HTMLElement): void {
  for (const tab of tabsOf(list)) {
    const panel = panelOf(tab);
    const isChosen = tab === chosen;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    if (panel !== null) panel.hidden = !isChosen;
  }
  // In the next frame the page is laid out anyway.
  requestAnimationFrame(() => bringIntoSight(list, chosen));
}

/** Moves a strip of tabs sideways, and nothing else, until a tab of it is seen. */
function bringIntoSight(list: HTMLElement, tab: HTMLElement): void {
  const [strip, box] = [list.getBoundingClientRect(), tab.getBoundingClientRect()];
  if (box.left < strip.left) list.scrollLeft -= strip.left - box.left;
  else if (box.right > strip.right) list.scrollLeft += box.right - strip.right;
}

function firstToShow(tabs: HTMLElement[]): HTMLElement | undefined {
  const holds = (selector: string) => tabs.find((tab) => panelOf(tab)?.querySelector(selector));
  const named = tabs.find((tab) => tab.getAttribute("href") === window.location.hash);
  const settled = settledAt();
  const worked = settled === null ? undefined : tabs.find((tab) => panelOf(tab)?.contains(settled));
  return named ?? worked ?? holds("[aria-invalid=true], .k-conf") ?? tabs.find((tab) => tab.hasAttribute("data-tab-first")) ?? tabs[0];
}

function turnOn(list: HTMLElement): void {
  const tabs = tabsOf(list);
  list.role = "tablist";
  for (const tab of tabs) {
    const panel = panelOf(tab);
    tab.role = "tab";
    tab.id ||= `tab-${tab.getAttribute("href")!.slice(1)}`;
    tab.setAttribute("aria-controls", panel?.id ?? "");
    if (panel === null) continue;
    panel.role = "tabpanel";
    panel.setAttribute("aria-labelledby", tab.id);
    panel.parentElement?.setAttribute("data-tabs-ready", "");
  }
  const first = firstToShow(tabs);
  if (first !== undefined) show(list, first);
}

function turnOff(list: HTMLElement): void {
  list.removeAttribute("role");
  for (const tab of tabsOf(list)) {
    for (const name of ["role", "aria-selected", "aria-controls", "tabindex"]) tab.removeAttribute(name);
    const panel = panelOf(tab);
    if (panel === null) continue;
    panel.hidden = false;
    panel.removeAttribute("role");
    panel.removeAttribute("aria-labelledby");
    panel.parentElement?.removeAttribute("data-tabs-ready");
  }
}

/** Shows what stands in a panel that is not shown, or in a section that is folded. */
export function reveal(element: HTMLElement): void {
  for (let panel = hiddenPanel(element); panel !== null; panel = hiddenPanel(panel.parentElement)) {
    const tab = document.getElementById(panel.getAttribute("aria-labelledby") ?? "");
    if (tab === null) break;
    show(tab.closest<HTMLElement>("[data-tabs]")!, tab);
  }
  for (let at = element.closest("details"); at !== null; at = at.parentElement?.closest("details") ?? null) at.open = true;
}

function hiddenPanel(element: Element | null): HTMLElement | null {
  return element?.closest<HTMLElement>("[role=tabpanel][hidden]") ?? null;
}

/** Turns `[data-tabs]` into tabs; with `data-tabs="phone"` only while the layout for phones is in force. */
export function prepareTabs(root: ParentNode): void {
  for (const list of all(root, "[data-tabs]")) {
    if (list.dataset["tabs"] !== "phone" || isPhone()) turnOn(list);
    else if (list.role === "tablist") turnOff(list);
  }
  for (const tab of all(root, ".k-tabs > [aria-current]")) requestAnimationFrame(() => bringIntoSight(tab.parentElement!, tab));
}

/** Switches by click and by arrow keys, follows links into hidden panels, and turns phone tabs on and off with the width. */
export function startTabs(): void {
  on("click", "[role=tablist][data-tabs] [role=tab]", (tab, event) => {
    event.preventDefault();
    show(tab.closest<HTMLElement>("[data-tabs]")!, tab);
  });
  on("keydown", "[role=tablist][data-tabs] [role=tab]", (tab, event) => {
    const list = tab.closest<HTMLElement>("[data-tabs]")!;
    const tabs = tabsOf(list);
    const forward = document.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = document.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    const step = { [forward]: 1, [back]: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]!;
    show(list, next);
    next.focus();
  });
  // A link in the summary of errors may point at a field in a panel that is not shown.
  on("click", "a[href^='#']", (link) => {
    const panel = pointedAt(link.getAttribute("href"))?.closest<HTMLElement>("[role=tabpanel][hidden]");
    const tab = panel ? document.getElementById(panel.getAttribute("aria-labelledby") ?? "") : null;
    if (tab !== null) show(tab.closest<HTMLElement>("[data-tabs]")!, tab);
  });
  window.matchMedia("(max-width: 640px)").addEventListener("change", () => prepareTabs(document));
}
