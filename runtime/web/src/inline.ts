/** Values of a record that are changed where they stand. Without script their pencils are links to the form. */
import htmx from "htmx.org";
import { typeAhead } from "./ahead.ts";
import { all, on } from "./dom.ts";
import { singleKeysAreOn } from "./keys.ts";
import { reveal } from "./tabs.ts";

/** Rows as they were before their editor came, by id, so that Escape gives them back at once. */
const kept = new Map<string, HTMLElement>();
/** What each editor held when it was drawn. */
const drawn = new WeakMap<HTMLFormElement, string>();
const leaving = new WeakSet<HTMLFormElement>();

function content(form: HTMLFormElement): string {
  const parts: string[] = [];
  for (const [name, value] of new FormData(form)) {
    parts.push(`${name}=${typeof value === "string" ? value : `${value.name}:${value.size}`}`);
  }
  return parts.join("\n");
}

function rowOf(element: Element): HTMLElement | null {
  return element.closest<HTMLElement>("[data-value]");
}

function giveBack(form: HTMLFormElement, withFocus: boolean): void {
  const row = rowOf(form);
  leaving.add(form);
  const before = row === null ? undefined : kept.get(row.id);
  if (row === null) return;
  if (before === undefined || form.hasAttribute("data-inline-refused")) {
    // What somebody else saved meanwhile is not in the row that was kept.
    void htmx.ajax("get", form.dataset["inlineBack"]!, { target: row, swap: "outerHTML" }).then(() => {
      if (withFocus) document.getElementById(row.id)?.querySelector<HTMLElement>(".go, .k-add-v")?.focus();
    });
    return;
  }
  row.replaceWith(before);
  htmx.process(before);
  if (withFocus) before.querySelector<HTMLElement>(".go, .k-add-v")?.focus();
}

function save(form: HTMLFormElement): void {
  form.requestSubmit(form.querySelector<HTMLElement>("[data-inline-save]"));
}

function pressed(form: HTMLFormElement, event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Escape") {
    event.preventDefault();
    giveBack(form, true);
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey || (event.target as Element).matches("select, input[type=checkbox], input[type=radio]"))) {
    event.preventDefault();
    save(form);
  }
}

function left(form: HTMLFormElement, event: FocusEvent): void {
  const next = event.relatedTarget;
  if (next instanceof Node && form.contains(next)) return;
  // Another window took the focus, or the editor is on its way already.
  if (!document.hasFocus() || leaving.has(form) || form.ariaBusy === "true" || form.hasAttribute("data-inline-refused")) return;
  if (content(form) === drawn.get(form)) giveBack(form, false);
  else save(form);
}

function failed(form: HTMLFormElement): void {
  leaving.delete(form);
  form.querySelector(".k-inl-lost")?.remove();
  const line = Object.assign(document.createElement("p"), { className: "k-err k-inl-lost", role: "alert" });
  line.textContent = "This did not reach the server, so it is not saved yet. Save again when you are back online.";
  form.querySelector(".acts")?.before(line);
  form.setAttribute("data-inline-refused", "");
}

/** Asks who changed the same field in the composer of this page, under what stands in it; elsewhere in a tab beside. */
function askThem(link: HTMLAnchorElement, event: Event): void {
  const composer = document.getElementById("composer");
  if (composer === null || link.pathname.split("/add/")[0] !== window.location.pathname) {
    link.target = "_blank";
    return;
  }
  event.preventDefault();
  const url = new URL(link.href);
  const written = composer.querySelector<HTMLTextAreaElement>("textarea[name=text]")?.value.trim() ?? "";
  if (written !== "") url.searchParams.set("text", `${written}\n\n${url.searchParams.get("text")!}`);
  void htmx.ajax("get", url.pathname + url.search, { target: composer, swap: "outerHTML" });
}

/** Focuses the input of an editor that has just come, and gives E to the first value of the page. */
export function prepareInline(root: ParentNode): void {
  for (const form of all<HTMLFormElement>(root, "form[data-inline]")) {
    drawn.set(form, content(form));
    reveal(form);
    const input = form.querySelector<HTMLElement>(".is-invalid, input:not([type=hidden]), select, textarea");
    input?.focus();
    if (input instanceof HTMLInputElement && /^(text|email|tel|url)$/.test(input.type)) input.select();
    form.querySelector(".k-conf")?.scrollIntoView({ block: "nearest" });
  }
  const first = document.querySelector<HTMLElement>("#details [data-value] .go");
  if (first !== null && singleKeysAreOn() && document.querySelector("#details [data-key=e]") === null) {
    first.dataset["key"] = "e";
    first.dataset["keyLabel"] = "Edit the first field";
  }
}

/** Opens editors by a click on a value, saves on Enter and on leaving, and gives back on Escape. */
export function startInline(): void {
  on("click", "[data-value] .k-v", (value, event) => {
    if ((event.target as Element).closest("a, button, input, summary, label") !== null) return;
    if (window.getSelection()?.isCollapsed === false) return;
    value.querySelector<HTMLElement>(".go")?.click();
  });
  on("click", "[data-value] :is(.go, .k-add-v)", typeAhead);
  on("keydown", "form[data-inline]", (form, event) => pressed(form as HTMLFormElement, event));
  on("focusout", "form[data-inline]", (form, event) => left(form as HTMLFormElement, event));
  on("click", "form[data-inline] [data-ask]", (link, event) => askThem(link as HTMLAnchorElement, event));
  on("click", "[data-inline-cancel]", (button) => giveBack(button.closest("form")!, true));
  document.addEventListener("htmx:beforeSwap", (event) => {
    const row = (event as CustomEvent).detail.target as HTMLElement;
    if (!row.matches("[data-value]")) return;
    if (!row.matches(".is-edit")) kept.set(row.id, row.cloneNode(true) as HTMLElement);
    for (const form of all<HTMLFormElement>(row, "form[data-inline]")) leaving.add(form);
  });
  // What somebody is typing is never swapped away by a change elsewhere.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (((event as CustomEvent).detail.target as HTMLElement).matches(".is-edit")) event.preventDefault();
  });
  document.addEventListener("htmx:sendError", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-inline]");
    if (form !== null) failed(form);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const row = document.getElementById(((event as CustomEvent).detail.target as HTMLElement | null)?.id ?? "");
    if (row?.matches(".is-saved") && document.activeElement === document.body) row.querySelector<HTMLElement>(".go, .k-add-v")?.focus();
  });
}
