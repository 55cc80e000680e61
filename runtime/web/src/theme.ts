/** Light, dark or as the system says, and how roomy rows are: changed at once, kept by the server for the person. */
import { on } from "./dom.ts";
import { ask } from "./http.ts";
import { person } from "./local.ts";

const YEAR_IN_SECONDS = 31_536_000;

function save(name: string, value: string): void {
  if (person() === "") return;
  // Without a network the choice holds on this page and is made again another time.
  void ask("/me/preferences", { method: "POST", body: new URLSearchParams({ [name]: value }) }).catch(() => null);
}

/** Lets `[data-theme-set="light|dark|auto"]` and `[data-density-set]` act without a reload. */
export function startTheme(): void {
  on("click", "[data-theme-set]", (button, event) => {
    event.preventDefault();
    const theme = button.dataset["themeSet"]!;
    const secure = window.location.protocol === "https:" ? "; secure" : "";
    document.documentElement.dataset["theme"] = theme;
    document.cookie = `kith_theme=${theme}; path=/; max-age=${YEAR_IN_SECONDS}; samesite=lax${secure}`;
    for (const other of document.querySelectorAll<HTMLElement>("[data-theme-set]")) {
      other.setAttribute("aria-pressed", String(other.dataset["themeSet"] === theme));
    }
    save("theme", theme);
  });
  on("click", "[data-density-set]", (button, event) => {
    event.preventDefault();
    const density = button.dataset["densitySet"]!;
    const other = density === "comfortable" ? "compact" : "comfortable";
    document.documentElement.dataset["density"] = density;
    button.dataset["densitySet"] = other;
    button.dataset["command"] = `Rows: ${other === "comfortable" ? "roomy" : "compact"}`;
    const words = button.querySelector("span");
    if (words !== null) words.textContent = other === "comfortable" ? "Roomy rows" : "Compact rows";
    save("density", density);
  });
}
