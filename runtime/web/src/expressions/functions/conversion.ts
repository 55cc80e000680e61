/** From values to text and from text to numbers. */
import { dayMicroseconds, floored } from "../calendar.ts";
import { fit, parsed, written } from "../exact.ts";
import { type Family, keeping, strict } from "../family.ts";
import { amount, Day, EvaluationError, Moment, Time, type Value } from "../values.ts";
import { dayText, timeText } from "../wire.ts";
import { quoted, trimmed } from "./calendar.ts";

const number = /^[+-]?([0-9]{1,100}([.][0-9]{0,100})?|[.][0-9]{1,100})$/;

function text(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof Day) return dayText(value);
  if (value instanceof Time) return timeText(BigInt(value.microseconds)).padEnd(9, ".").padEnd(12, "0").slice(0, 12);
  if (value instanceof Moment) {
    const days = floored(value.microseconds, dayMicroseconds);
    return `${dayText(new Day(Number(days)))} ${timeText(value.microseconds - days * dayMicroseconds).slice(0, 8)}Z`;
  }
  return written(amount(value) as bigint);
}

function numberFrom(value: string): bigint {
  const clean = trimmed(value);
  if (!number.test(clean)) throw new EvaluationError(`${quoted(clean)} is not a number. Test it first with is_number(…).`);
  return fit(parsed(clean));
}

export const conversion: Family = {
  text: strict((_, value: Value) => text(value)),
  number: strict((_, value: string) => numberFrom(value)),
  is_number: keeping((_, value: string | null) => number.test(trimmed(value ?? ""))),
};
