/** What the operators do, by the names that the checker gives them. */
import { dayMicroseconds, duration, momentAt, shiftDay } from "./calendar.ts";
import * as exact from "./exact.ts";
import { type Family, keeping, strict } from "./family.ts";
import { type Day, Duration, type Moment, type Value } from "./values.ts";

function summed(left: bigint, right: bigint): Duration {
  return duration((left + right) * exact.one);
}

function scaled(length: Duration, factor: Value): Duration {
  return duration(exact.multiply(length.microseconds * exact.one, factor) as bigint);
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
};

/** Returns a duration of so many days; fractions are kept to the microsecond. */
export function days(count: bigint): Duration {
  return duration(count * dayMicroseconds);
}
