/** What the operators do, by the names that the checker gives them. */
import { dayMicroseconds, duration, momentAt, shiftDay } from "./calendar.ts";
import * as exact from "./exact.ts";
import { type Family, keeping, strict } from "./family.ts";
import { type Day, Duration, EvaluationError, type Moment, Time, type Value } from "./values.ts";

function summed(left: bigint, right: bigint): Duration {
  return duration((left + right) * exact.one);
}

function scaled(length: Duration, factor: Value): Duration {
  return duration(exact.multiply(length.microseconds * exact.one, factor) as bigint);
}

/** Moves a time of day: past midnight it begins anew, before midnight there is only an error value. */
function moved(clock: Time, by: bigint): Time {
  const passed = BigInt(clock.microseconds) + by;
  if (passed < 0n) {
    throw new EvaluationError("The time lies before midnight of its day. Use a date and time to go back further.");
  }
  return new Time(Number(passed % dayMicroseconds));
}

export const operators: Family = {
  "number.add": strict((_, left: Value, right: Value) => exact.add(left, right)),
  "number.subtract": strict((_, left: Value, right: Value) => exact.subtract(left, right)),
  "number.multiply": strict((_, left: Value, right: Value) => exact.multiply(left, right)),
  "number.divide": strict((_, left: Value, right: Value) => exact.divide(left, right)),
  "number.negate": strict((_, value: Value) => exact.negate(value)),
  "text.join": keeping((_, left: string | null, right: string | null) => (left ?? "") + (right ?? "") || null),
  "date.add": strict((_, day: Day, by: Duration) => shiftDay(day, by.microseconds)),
  "date.subtract": strict((_, day: Day, by: Duration) => shiftDay(day, -by.microseconds)),
  "date.between": strict((_, left: Day, right: Day) => exact.integer(left.days - right.days)),
  "datetime.add": strict((_, moment: Moment, by: Duration) => momentAt(moment.microseconds + by.microseconds)),
  "datetime.subtract": strict((_, moment: Moment, by: Duration) => momentAt(moment.microseconds - by.microseconds)),
  "datetime.between": strict((_, left: Moment, right: Moment) => new Duration(left.microseconds - right.microseconds)),
  "duration.add": strict((_, left: Duration, right: Duration) => summed(left.microseconds, right.microseconds)),
  "duration.subtract": strict((_, left: Duration, right: Duration) => summed(left.microseconds, -right.microseconds)),
  "duration.multiply": strict((_, length: Duration, factor: Value) => scaled(length, factor)),
  "duration.negate": strict((_, length: Duration) => new Duration(-length.microseconds)),
  "time.add": strict((_, clock: Time, by: Duration) => moved(clock, by.microseconds)),
  "time.subtract": strict((_, clock: Time, by: Duration) => moved(clock, -by.microseconds)),
  "time.between": strict((_, left: Time, right: Time) => new Duration(BigInt(left.microseconds - right.microseconds))),
};
