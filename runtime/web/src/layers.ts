/** Layers on `<details data-layer>` that hold a form: Escape and a click outside close them, and the focus comes back. */
import { on, openParts } from "./dom.ts";

function openLayers(): HTMLDetailsElement[] {
  return openParts("details", "data-layer");
}

function close(layer: HTMLDetailsElement, back: boolean): void {
  layer.open = false;
  if (back) layer.querySelector("summary")?.focus();
}

/** Closes by Escape (first what lies above, such as a list of suggestions) and outside; opens from `[data-layer-open="#id"]`. */
export function startLayers(): void {
  document.addEventListener("keydown", (event) => {
    const layer = openLayers().at(-1);
    if (event.key !== "Escape" || layer === undefined || event.defaultPrevented) return;
    event.preventDefault();
    close(layer, true);
  });
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    // What was swapped out while it was clicked is nowhere any more, and was inside.
    if (!target.isConnected || target.closest("[data-layer-open]") !== null) return;
    for (const layer of openLayers()) if (!layer.contains(target)) close(layer, false);
  });
  document.addEventListener(
    "toggle",
    (event) => {
      const layer = event.target;
      if (!(layer instanceof HTMLDetailsElement) || !layer.open || !layer.matches("[data-layer]")) return;
      for (const other of openLayers()) if (other !== layer) close(other, false);
      layer.querySelector<HTMLElement>("[data-layer-focus]")?.focus();
    },
    true,
  );
  on("click", "[data-layer-open]", (link, event) => {
    const layer = document.querySelector<HTMLDetailsElement>(link.dataset["layerOpen"] || link.getAttribute("href") || "#");
    if (layer === null) return;
    event.preventDefault();
    layer.open = true;
    layer.querySelector<HTMLElement>("select, input:not([type=hidden])")?.focus();
  });
}
