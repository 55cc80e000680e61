/** The calendar: dates from numbers and texts, weeks, days of the year, and the beginnings and ends of periods. */
import { civil, dayOf, daysInMonth } from "../calendar.ts";
import { count, integer } from "../exact.ts";
import { type Family, strict } from "../family.ts";
import { Day, EvaluationError } from "../values.ts";

const written = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$/;

/** Cuts off what every engine takes for space around a text. */
export function trimmed(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
}

/** Returns the beginning of a text as messages show it. */
export function quoted(text: string): string {
  return `'${[...text].slice(0, 40).join("")}'`;
}

/** Returns the date of three numbers; one that does not exist is an error value. */
function madeDay(year: number, month: number, day: number): Day {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    throw new EvaluationError("There is no such date. Days and months count from 1, years go from 1 to 9999.");
  }
  return dayOf(year, month, day);
}

/** Reads a date such as 2026-11-24; anything else is an error value. */
export function dayFrom(text: string): Day {
  const clean = trimmed(text);
  if (!written.test(clean)) throw new EvaluationError(`${quoted(clean)} is not a date. Write it as 2026-11-24.`);
  const [year, month, day] = clean.split("-").map(Number) as [number, number, number];
  return madeDay(year, month, day);
}

function date(year: bigint | string, month: bigint = 0n, day: bigint = 0n): Day {
  return typeof year === "string" ? dayFrom(year) : madeDay(count(year), count(month), count(day));
}

/** Returns the day of the week, 0 for Monday to 6 for Sunday. */
function fromMonday(day: Day): number {
  return (((day.days + 3) % 7) + 7) % 7;
}

function dayOfYear(day: Day): number {
  return day.days - dayOf(civil(day).year, 1, 1).days + 1;
}

/** Returns year and week by ISO 8601: the week belongs to the year in which its Thursday lies. */
function isoWeek(day: Day): [year: number, week: number] {
  const found = new Date((day.days - fromMonday(day) + 3) * 86_400_000);
  const first = new Date(0);
  first.setUTCFullYear(found.getUTCFullYear(), 0, 1);
  return [found.getUTCFullYear(), Math.floor((found.getTime() - first.getTime()) / (7 * 86_400_000)) + 1];
}

function inMonth(day: Day, of: (year: number, month: number) => [month: number, day: number]): Day {
  const { year, month } = civil(day);
  return dayOf(year, ...of(year, month));
}

export const calendar: Family = {
  date: strict((_, year: bigint | string, month?: bigint, day?: bigint) => date(year, month, day)),
  weekday: strict((_, day: Day) => integer(((fromMonday(day) + 1) % 7) + 1)),
  iso_week: strict((_, day: Day) => integer(isoWeek(day)[1])),
  iso_year: strict((_, day: Day) => integer(isoWeek(day)[0])),
  day_of_year: strict((_, day: Day) => integer(dayOfYear(day))),
  start_of_week: strict((_, day: Day) => new Day(day.days - fromMonday(day))),
  start_of_month: strict((_, day: Day) => inMonth(day, (_year, month) => [month, 1])),
  end_of_month: strict((_, day: Day) => inMonth(day, (year, month) => [month, daysInMonth(year, month)])),
  start_of_quarter: strict((_, day: Day) => inMonth(day, (_year, month) => [month - ((month - 1) % 3), 1])),
  start_of_year: strict((_, day: Day) => inMonth(day, () => [1, 1])),
};
