/** The place in a list: coming back from a record shows the page one left, with the row in sight and marked. */
import { on } from "./dom.ts";

const KEY = "kith.list.place";

interface Place {
  readonly address: string;
  readonly record: string;
  readonly top: number;
}

function here(): string {
  return window.location.pathname + window.location.search;
}

function read(): Place | null {
  try {
    return JSON.parse(window.sessionStorage.getItem(KEY) ?? "null") as Place | null;
  } catch {
    return null;
  }
}

function mark(): void {
  const place = read();
  const wrap = document.querySelector<HTMLElement>(".k-grid-wrap");
  if (place === null || wrap === null || place.address !== here()) return;
  window.sessionStorage.removeItem(KEY);
  wrap.scrollTop = place.top;
  const link = wrap.querySelector<HTMLElement>(`.k-title a[href$="/${CSS.escape(place.record)}"]`);
  const row = link?.closest("tr");
  if (!link || !row) return;
  for (const other of wrap.querySelectorAll("tr.is-cursor")) other.classList.remove("is-cursor");
  row.classList.add("is-cursor");
  link.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/** Remembers the row that leads away, and marks it when the same page of the list is shown again. */
export function startPlace(): void {
  on("click", ".k-grid .k-title a", (link) => {
    const record = link.getAttribute("href")?.split("/").at(-1) ?? "";
    const place: Place = { address: here(), record, top: link.closest(".k-grid-wrap")?.scrollTop ?? 0 };
    window.sessionStorage.setItem(KEY, JSON.stringify(place));
  });
  mark();
  window.addEventListener("pageshow", (event) => event.persisted && mark());
}
