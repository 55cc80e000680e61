/** Long forms and records: the list of sections follows the eye, and a box above finds a field by its label. */
import { all, on } from "./dom.ts";
import { icon, Listbox, type Item } from "./listbox.ts";
import { match } from "./match.ts";
import { reveal } from "./tabs.ts";

const FROM_FIELDS = 40;
const MOST = 8;

function labelOf(field: HTMLElement): string {
  const label = field.querySelector<HTMLElement>(":scope > label, :scope > legend, .lb, .k-checkline, :scope > dt");
  return (label?.textContent ?? "").replace("*", "").replace(/\s+/g, " ").trim();
}

/** Shows a field, wherever it is: in a panel that is not shown, or a section that is folded. */
function goTo(field: HTMLElement): void {
  reveal(field);
  field.scrollIntoView({ block: "center" });
  field.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea, .go, .k-add-v, a")?.focus({ preventScroll: true });
}

function addFinder(form: HTMLElement, fields: readonly HTMLElement[]): void {
  const box = document.createElement("div");
  box.className = "k-find";
  box.innerHTML = icon("search");
  const input = document.createElement("input");
  input.type = "search";
  input.className = "form-control";
  input.placeholder = `Find field among ${fields.length}`;
  input.setAttribute("aria-label", "Find field");
  const list = document.createElement("div");
  list.id = "k-find-list";
  list.className = "k-pop k-menu k-found";
  list.hidden = true;
  list.setAttribute("aria-label", "Fields");
  box.append(input, list);
  const labels = fields.map((field) => [labelOf(field), field] as const).filter(([label]) => label !== "");
  const choices = new Listbox(input, list, (item) => {
    choices.close();
    input.value = "";
    item.act?.();
  }, true);
  input.addEventListener("input", (event) => {
    event.stopPropagation(); // finding changes nothing of the form
    choices.reset();
    if (input.value.trim() === "") return choices.close();
    const fitting = labels.filter(([, field]) => !field.hidden).map(([label, field]) => ({ label, field, fits: match(input.value, label) })).filter((one) => one.fits !== null);
    fitting.sort((a, b) => b.fits!.score - a.fits!.score);
    const items = fitting.slice(0, MOST).map(({ label, field, fits }): Item => {
      const hint = field.closest(".k-fs, .k-sec")?.querySelector("h2")?.textContent ?? "";
      return { label, places: fits!.places, act: () => goTo(field), ...(hint ? { hint } : {}) };
    });
    choices.show([{ label: "Fields", items }], "No field here is called that.");
  });
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("keydown", (event) => {
    if (choices.press(event)) return;
    if (event.key === "Enter") event.preventDefault();
    if (event.key === "Escape") choices.close();
  });
  input.addEventListener("blur", () => choices.close());
  const head = form.querySelector(".k-form-h");
  if (head !== null) head.after(box);
  else form.prepend(box);
}

function follow(toc: HTMLElement): void {
  const links = new Map(all<HTMLAnchorElement>(toc, "a[href^='#']").map((link) => [link.getAttribute("href")!.slice(1), link]));
  const root = toc.closest<HTMLElement>(".k-scroll");
  const seen = new Set<string>();
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) entry.isIntersecting ? seen.add(entry.target.id) : seen.delete(entry.target.id);
    const first = [...links.keys()].find((id) => seen.has(id));
    for (const [id, link] of links) id === first ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  }, { root, rootMargin: "-40px 0px -50% 0px" });
  for (const id of links.keys()) {
    const section = document.getElementById(id);
    if (section !== null) observer.observe(section);
  }
}

/** Prepares each form's list of sections, and a finder where a form or a record has many fields. */
export function prepareSections(root: ParentNode): void {
  for (const toc of all(root, ".k-toc")) follow(toc);
  for (const form of all<HTMLFormElement>(root, "form.k-formpage:not([data-find-runs])")) {
    form.dataset["findRuns"] = "";
    const fields = all(form, ".k-fld").filter((field) => field.closest("template, .k-rows") === null);
    if (fields.length >= FROM_FIELDS) addFinder(form, fields);
  }
  for (const details of all(root, "[data-find]:not([data-find-runs])")) {
    details.dataset["findRuns"] = "";
    const fields = all(details, ".k-f");
    if (fields.length >= FROM_FIELDS) addFinder(details, fields);
  }
}

/** Opens a folded section when a link points into it. */
export function startSections(): void {
  on("click", ".k-toc a[href^='#']", (link) => {
    const section = document.getElementById(link.getAttribute("href")!.slice(1));
    if (section instanceof HTMLDetailsElement) section.open = true;
  });
}
