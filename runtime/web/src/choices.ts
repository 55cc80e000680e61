/** Choices that depend on another field: only those that fit its value can be chosen, the others are out of sight. */
import { all, on } from "./dom.ts";
import { match } from "./match.ts";

type Menu = HTMLSelectElement | HTMLInputElement;
const MENUS = "select[data-depends], input[data-depends]";

/** Names the field that a menu depends on; a row of child records has its own. */
function decider(menu: Menu): string {
  return menu.name.slice(0, menu.name.lastIndexOf("-") + 1) + menu.dataset["depends"]!;
}

function deciding(menu: Menu): string {
  const value = menu.form === null ? null : new FormData(menu.form).getAll(decider(menu)).at(-1);
  return typeof value === "string" ? value : "";
}

function parts(menu: Menu): (HTMLOptGroupElement | HTMLOptionElement)[] {
  const list = menu instanceof HTMLSelectElement ? menu : menu.list;
  return [...(list?.querySelectorAll<HTMLOptGroupElement | HTMLOptionElement>("[data-when]") ?? [])];
}

function fit(menu: Menu): void {
  const value = deciding(menu);
  const unfit = parts(menu).filter((part) => {
    const fits = value === "" || part.dataset["when"]!.split(" ").includes(value);
    part.hidden = !fits;
    part.disabled = !fits;
    return !fits;
  });
  const holds = unfit.some((part) => (part instanceof HTMLOptionElement ? [part] : [...part.querySelectorAll("option")])
    .some((option) => option.value !== "" && option.value === menu.value));
  if (holds) menu.value = "";
}

/** Shows of many boxes those that are ticked and those whose labels fit what is typed. */
function findAmong(input: HTMLInputElement): void {
  const typed = input.value.trim();
  for (const label of all<HTMLLabelElement>(input.parentElement!, "label")) {
    const box = label.querySelector<HTMLInputElement>("input");
    label.hidden = typed !== "" && box?.checked === false && match(typed, label.textContent ?? "") === null;
  }
}

/** Enter ticks the first box that was found and makes room for the next words; Escape shows all again. */
function pressAmong(input: HTMLInputElement, event: KeyboardEvent): void {
  if (event.key !== "Enter" && (event.key !== "Escape" || input.value === "")) return;
  event.preventDefault();
  event.stopPropagation();
  const found = all<HTMLInputElement>(input.parentElement!, "label:not([hidden]) input:not(:checked)")[0];
  if (event.key === "Enter" && input.value.trim() !== "") found?.click();
  input.value = "";
  findAmong(input);
}

/** Fits each menu of a piece of page to what it depends on; what was chosen before stays until something changes. */
export function prepareChoices(root: ParentNode): void {
  for (const menu of all<Menu>(root, MENUS)) if (menu.value === "") fit(menu);
  for (const input of all<HTMLInputElement>(root, "[data-find-among]")) input.hidden = false;
}

/** Follows every change of a field that others depend on. */
export function startChoices(): void {
  on("input", "[data-find-among]", (input) => findAmong(input as HTMLInputElement));
  on("keydown", "[data-find-among]", (input, event) => pressAmong(input as HTMLInputElement, event));
  on("change", "form :is(select, input)", (input) => {
    const { form, name } = input as Menu;
    for (const menu of all<Menu>(form ?? document, MENUS)) if (decider(menu) === name) fit(menu);
  });
}
