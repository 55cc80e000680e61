/** Arithmetic on dates, moments and durations. Dates run from 0001-01-01 to 9999-12-31. */
import { dividedHalfUp, magnitude, one } from "./exact.ts";
import { Day, Duration, EvaluationError, Moment } from "./values.ts";

export const dayMicroseconds = 86_400_000_000n;
const durationLimit = 10n ** 18n;
const firstDay = -719_162;
const lastDay = 2_932_896;
const formats = new Map<string, Intl.DateTimeFormat>();

export interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Divides whole numbers, rounding toward minus infinity. */
export function floored(top: bigint, bottom: bigint): bigint {
  const result = top / bottom;
  return top % bottom !== 0n && top < 0n !== bottom < 0n ? result - 1n : result;
}

/** Returns a duration of so many microseconds, given as a number value; too long a one is an error value. */
export function duration(microseconds: bigint): Duration {
  const whole = dividedHalfUp(microseconds, one);
  if (magnitude(whole) >= durationLimit) {
    throw new EvaluationError("The duration is too long: at most about 31,000 years are possible.");
  }
  return new Duration(whole);
}

function outside(): EvaluationError {
  return new EvaluationError("The date lies outside the years 1 to 9999.");
}

/** Returns the day with a number, if it lies in the years 1 to 9999. */
export function dayAt(days: number): Day {
  if (days < firstDay || days > lastDay) throw outside();
  return new Day(days);
}

/** Returns the moment with a number of microseconds, if it lies in the years 1 to 9999. */
export function momentAt(microseconds: bigint): Moment {
  dayAt(Number(floored(microseconds, dayMicroseconds)));
  return new Moment(microseconds);
}

/** Returns year, month and day of a date. */
export function civil(day: Day): Civil {
  const found = new Date(day.days * 86_400_000);
  return { year: found.getUTCFullYear(), month: found.getUTCMonth() + 1, day: found.getUTCDate() };
}

/** Returns the date of year, month and day; days beyond the month run on into the next. */
export function dayOf(year: number, month: number, day: number): Day {
  if (year < 1 || year > 9999) throw outside();
  const found = new Date(0);
  found.setUTCFullYear(year, month - 1, day);
  return dayAt(found.getTime() / 86_400_000);
}

/** Counts the days of a month. */
export function daysInMonth(year: number, month: number): number {
  const found = new Date(0);
  found.setUTCFullYear(year, month, 0);
  return found.getUTCDate();
}

/** Moves a date by whole days; a fraction of a day is cut off toward zero. */
export function shiftDay(day: Day, by: bigint): Day {
  return dayAt(day.days + Number(by / dayMicroseconds));
}

/** Moves a date by months, cut toward zero; the last day of a month stays the last day, others are clamped. */
export function addMonths(from: Day, months: number): Day {
  const { year, month, day } = civil(from);
  const index = year * 12 + month - 1 + months;
  const [newYear, newMonth] = [Math.floor(index / 12), (((index % 12) + 12) % 12) + 1];
  if (newYear < 1 || newYear > 9999) throw outside();
  const last = daysInMonth(newYear, newMonth);
  return dayOf(newYear, newMonth, day === daysInMonth(year, month) ? last : Math.min(day, last));
}

/** Returns how far a zone is ahead of UTC at a moment, in microseconds. */
export function offset(moment: Moment, zone: string): bigint {
  if (zone === "UTC") return 0n;
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone, calendar: "gregory", numberingSystem: "latn", hourCycle: "h23", era: "short",
      year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    }); // prettier-ignore
    formats.set(zone, format);
  }
  const milliseconds = Number(floored(moment.microseconds, 1000n));
  const parts: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(milliseconds)) parts[type] = value;
  const part = (name: string): number => Number(parts[name]);
  const local = new Date(0);
  local.setUTCFullYear(parts["era"] === "BC" ? 1 - part("year") : part("year"), part("month") - 1, part("day"));
  local.setUTCHours(part("hour"), part("minute"), part("second"));
  const seconds = Math.floor(milliseconds / 1000);
  return BigInt(local.getTime() / 1000 - seconds) * 1_000_000n;
}

/** Returns the date of a moment in a zone. */
export function dayIn(moment: Moment, zone: string): Day {
  return dayAt(Number(floored(moment.microseconds + offset(moment, zone), dayMicroseconds)));
}
