/** Rows inside a form (child records, conditions of a filter): added from a template, removed in place. */
import { prepareDates } from "./dates.ts";
import { on } from "./dom.ts";
import { prepareLookups } from "./lookup.ts";

function add(group: HTMLElement): void {
  const template = group.querySelector<HTMLTemplateElement>("template[data-rows-template]");
  const body = group.querySelector<HTMLElement>("[data-rows-body]");
  if (template === null || body === null) return;
  const index = Number(group.dataset["rowsNext"] ?? body.children.length);
  group.dataset["rowsNext"] = String(index + 1);
  // The markup is the server's own and holds no values, only the place where the number goes.
  const holder = document.createElement("template");
  holder.innerHTML = template.innerHTML.replaceAll("__index__", String(index));
  const row = holder.content.firstElementChild as HTMLElement | null;
  if (row === null) return;
  body.append(row);
  const drop = row.querySelector<HTMLElement>("[data-row-remove]");
  if (drop?.ariaLabel) drop.ariaLabel = drop.ariaLabel.replace(/\d+$/, String(body.querySelectorAll("[data-row]").length));
  prepareDates(row);
  prepareLookups(row);
  row.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea")?.focus();
}

function remove(row: HTMLElement): void {
  const group = row.closest<HTMLElement>("[data-rows]");
  const flag = row.querySelector<HTMLInputElement>("input[data-row-delete]");
  while (row.nextElementSibling?.matches(".k-row-card")) row.nextElementSibling.remove();
  if (flag === null) {
    row.remove();
  } else {
    flag.value = "1"; // a saved row is taken out by the server, so it must still be sent
    row.hidden = true;
    for (const input of row.querySelectorAll<HTMLInputElement>("[required]")) input.required = false;
  }
  group?.querySelector<HTMLElement>("[data-rows-add]")?.focus();
  group?.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Takes over from the submit buttons that add and remove rows by a round trip when there is no script. */
export function startRows(): void {
  on("click", "[data-rows-add]", (button, event) => {
    const group = button.closest<HTMLElement>("[data-rows]");
    if (group === null) return;
    event.preventDefault();
    add(group);
  });
  on("click", "[data-row-remove]", (button, event) => {
    const row = button.closest<HTMLElement>("[data-row]");
    if (row === null) return;
    event.preventDefault();
    remove(row);
  });
}
