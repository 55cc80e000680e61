/** Times of day and moments: reading them, their parts, and the seconds since 1970. */
import { dayMicroseconds, duration, floored, momentAt, offset } from "../calendar.ts";
import { amount, Day, type Environment, EvaluationError, Moment, Time, type Value } from "../values.ts";
import { integer } from "../exact.ts";
import { type Family, strict } from "../family.ts";
import { dayFrom, quoted, trimmed } from "./calendar.ts";

const writtenTime = /^[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]{1,3})?)?$/;
const writtenMoment = /^([0-9]{4}-[0-9]{1,2}-[0-9]{1,2})(?:[T ]([0-9]{1,2}:[0-9]{1,2}(?::[0-9]{1,2}(?:[.][0-9]{1,3})?)?))?Z?$/;

/** Reads a time such as 09:30 or 09:30:15.250; anything else is an error value. */
function timeFrom(text: string): Time {
  const clean = trimmed(text);
  if (!writtenTime.test(clean)) throw new EvaluationError(`${quoted(clean)} is not a time. Write it as 09:30 or 09:30:15.`);
  const [hour = "0", minute = "0", second = "0"] = clean.split(":");
  const [whole = "0", fraction = ""] = second.split(".");
  if (Number(hour) > 23 || Number(minute) > 59 || Number(whole) > 59) {
    throw new EvaluationError(`There is no time ${clean}. Hours go to 23, minutes and seconds to 59.`);
  }
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(whole);
  return new Time(seconds * 1_000_000 + Number(fraction.padEnd(6, "0")));
}

function moment(value: string | Day): Moment {
  if (value instanceof Day) return new Moment(BigInt(value.days) * dayMicroseconds);
  const clean = trimmed(value);
  const [, day, clock] = writtenMoment.exec(clean) ?? [];
  if (day === undefined) {
    throw new EvaluationError(`${quoted(clean)} is not a moment. Write it as 2026-11-24 09:30:00, in UTC.`);
  }
  const date = dayFrom(day);
  return new Moment(BigInt(date.days) * dayMicroseconds + BigInt(clock ? timeFrom(clock).microseconds : 0));
}

/** Returns the time of day that the person's clock shows, in microseconds. */
function local({ timeZone }: Environment, value: Time | Moment): number {
  if (value instanceof Time) return value.microseconds;
  const shown = momentAt(value.microseconds + offset(value, timeZone)).microseconds;
  return Number(shown - floored(shown, dayMicroseconds) * dayMicroseconds);
}

/** Declares a part of a time, such as its hour: so many units, of which so many make the next. */
function part(unit: number, next: number) {
  return strict((environment, value: Time | Moment) => integer(Math.floor(local(environment, value) / unit) % next));
}

function unixTime(value: Time | Day | Moment): bigint {
  const seconds = value instanceof Day ? BigInt(value.days) * 86_400n : floored(BigInt(value.microseconds), 1_000_000n);
  return integer(seconds);
}

export const clock: Family = {
  moment: strict((_, value: string | Day) => moment(value)),
  time: strict((_, text: string) => timeFrom(text)),
  time_of: strict((environment, value: Moment) => new Time(local(environment, value))),
  time_now: strict((environment) => new Time(local(environment, environment.now))),
  hour: part(3_600_000_000, 24),
  minute: part(60_000_000, 60),
  second: part(1_000_000, 60),
  millisecond: part(1_000, 1_000),
  unix_time: strict((_, value: Time | Day | Moment) => unixTime(value)),
  from_unix_time: strict((_, seconds: Value) => momentAt(duration((amount(seconds) as bigint) * 1_000_000n).microseconds)),
};
