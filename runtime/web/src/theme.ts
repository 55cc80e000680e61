/** Light, dark or as the system says. The server writes `data-theme` from the cookie; this changes both at once. */
import { on } from "./dom.ts";

const YEAR_IN_SECONDS = 31_536_000;

/** Lets `[data-theme-set="light|dark|auto"]` change the theme without a reload. */
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
  });
}
