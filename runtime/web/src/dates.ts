/**
 * The words of a date beside its input. A browser writes dates as its own language does; a person who reads another
 * one, where 11/12 is another day, sees the day in words as everywhere else.
 */
import { all, on } from "./dom.ts";

const DAY: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };

function words(input: HTMLInputElement): string {
  const day = input.value === "" ? Number.NaN : Date.parse(`${input.value.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(day)) return "";
  const thisYear = input.value.slice(0, 4) === String(new Date().getFullYear());
  const parts: Intl.DateTimeFormatOptions = thisYear ? DAY : { ...DAY, year: "numeric" };
  return new Intl.DateTimeFormat(document.documentElement.lang || undefined, { ...parts, timeZone: "UTC" }).format(day);
}

function say(input: HTMLInputElement): void {
  const place = input.nextElementSibling;
  if (place instanceof HTMLElement && place.matches("[data-date-words]")) place.textContent = words(input);
}

/** Writes the words of the dates below `root`. */
export function prepareDates(root: ParentNode): void {
  for (const input of all<HTMLInputElement>(root, ".k-dated > input")) say(input);
}

/** Keeps the words with what is typed or picked. */
export function startDates(): void {
  for (const name of ["input", "change"] as const) on(name, ".k-dated > input", (input) => say(input as HTMLInputElement));
}
