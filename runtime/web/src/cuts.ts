/** Long texts of a record show four lines; a button shows the rest. Without script they stand whole. */
import { all, on } from "./dom.ts";

/** Asked when the browser has laid a text out anyway, also where it was out of sight before. */
const watcher = new ResizeObserver((entries) => {
  for (const { target } of entries) offer(target as HTMLElement);
});

function offer(text: HTMLElement): void {
  const button = text.nextElementSibling?.matches("[data-cut-more]") ? text.nextElementSibling : null;
  if (text.classList.contains("is-whole")) return;
  const isCut = text.scrollHeight > text.clientHeight + 1;
  if (!isCut) button?.remove();
  else if (button === null) text.after(made());
}

function made(): HTMLButtonElement {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "k-link k-cut-more", textContent: "More" });
  button.dataset["cutMore"] = "";
  button.setAttribute("aria-expanded", "false");
  return button;
}

/** Watches the long texts of a record. */
export function prepareCuts(root: ParentNode): void {
  for (const text of all(root, "[data-cut]")) watcher.observe(text);
}

/** Shows the whole of a text, and its first lines again. */
export function startCuts(): void {
  on("click", "[data-cut-more]", (button) => {
    const isWhole = button.previousElementSibling!.classList.toggle("is-whole");
    button.textContent = isWhole ? "Less" : "More";
    button.setAttribute("aria-expanded", String(isWhole));
  });
}
