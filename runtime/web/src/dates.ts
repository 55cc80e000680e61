/**
 * Dates in words. One types "tomorrow", "fri", "+3d" or a date as one's own language writes it, and the server reads it;
 * the browser's own input stays the one that is sent, and its picker opens beside the words. Phones keep their own.
 */
import { all, isPhone, on } from "./dom.ts";

const DAY: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short", year: "numeric" };
const MOMENT: Intl.DateTimeFormatOptions = { ...DAY, hour: "2-digit", minute: "2-digit" };

/** The box of a date, the input that is sent, the one that is typed into (the same on phones), and the place of words. */
export function partsOf(inside: Element) {
  const box = inside.closest<HTMLElement>(".k-dated")!;
  const sent = box.querySelector<HTMLInputElement>("input[name]")!;
  return { box, sent, typed: box.querySelector("input")!, words: box.querySelector<HTMLElement>("[data-date-words]")! };
}

export function wordsOf({ value, type }: HTMLInputElement): string {
  const at = type === "text" ? Number.NaN : Date.parse(`${value}${type === "date" ? "T00:00" : ""}Z`);
  const format = type === "date" ? DAY : MOMENT;
  return Number.isNaN(at) ? "" : new Intl.DateTimeFormat(document.documentElement.lang || undefined, { ...format, timeZone: "UTC" }).format(at);
}

/** Shows what a date input holds, after something else than the person's keys wrote it. */
export function showDate(inside: Element): void {
  const { sent, typed, words } = partsOf(inside);
  words.textContent = typed === sent ? wordsOf(sent) : "";
  if (typed === sent) return;
  typed.value = wordsOf(sent) || sent.value;
  if (sent.type === "text" && sent.value !== "") typed.classList.add("is-invalid");
}

/** Lays an input for words over each date below `root`. */
export function prepareDates(root: ParentNode): void {
  for (const box of all(root, ".k-dated")) {
    const { sent, typed, words } = partsOf(box);
    if (!isPhone() && sent === typed) {
      const input = sent.cloneNode() as HTMLInputElement;
      input.type = "text";
      input.removeAttribute("name");
      input.placeholder = sent.type === "date" ? "tomorrow, fri, +3d" : "tomorrow 9:00";
      sent.removeAttribute("id");
      sent.required = false;
      sent.tabIndex = -1;
      sent.ariaHidden = "true";
      sent.before(input);
      words.ariaHidden = null;
      words.role = "status";
      box.classList.add("is-typed");
    }
    showDate(box);
  }
}

/** Understands what is typed, and takes what is picked; how is fetched by the first who does. */
export function startDates(): void {
  const typing = ".is-typed > input:not([name])";
  // Without a network the text waits as it stands.
  const call = (what: (days: typeof import("./typed_days.ts")) => unknown) => void import("./typed_days.ts").then(what, () => undefined);
  const understand = (input: HTMLElement) => {
    const { sent, typed } = partsOf(input);
    // As it stands it goes to the server too, which judges it when it is sent before it is understood here.
    sent.type = "text";
    sent.value = typed.value;
    call((days) => days.understand(typed));
  };
  on("input", ".k-dated > [name]", showDate);
  on("input", typing, understand);
  on("change", typing, (input) => (partsOf(input).sent.type === "text" ? understand(input) : showDate(input)));
  on("click", "[data-pick]", (button) => call((days) => days.pick(button)));
  on("keydown", typing, (input, event) => {
    if (event.key !== "ArrowDown" || !event.altKey) return;
    event.preventDefault();
    call((days) => days.pick(input));
  });
}
