/** Choices that depend on another field: only those that fit its value can be chosen, the others are out of sight. */
import { all, on } from "./dom.ts";

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

/** Fits each menu of a piece of page to what it depends on; what was chosen before stays until something changes. */
export function prepareChoices(root: ParentNode): void {
  for (const menu of all<Menu>(root, MENUS)) if (menu.value === "") fit(menu);
}

/** Follows every change of a field that others depend on. */
export function startChoices(): void {
  on("change", "form :is(select, input)", (input) => {
    const { form, name } = input as Menu;
    for (const menu of all<Menu>(form ?? document, MENUS)) if (decider(menu) === name) fit(menu);
  });
}
