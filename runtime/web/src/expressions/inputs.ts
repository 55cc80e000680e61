/** Values of a form's inputs as expressions see them, and the way back for values that are worked out. */
import { dayMicroseconds, offset } from "./calendar.ts";
import { dividedHalfUp, magnitude, parsed, places } from "./exact.ts";
import { Day, Moment, Money, type Type, type Value, Time } from "./values.ts";
import { dayText, readDay, readMoment, readTime, timeText } from "./wire.ts";

/** How the person writes numbers. */
export interface Signs {
  readonly point: string;
  readonly group: string;
}

/** Returns what an input holds; null for blank, and for what the server would not understand either. */
export function inputValue(data: FormData, name: string, type: Type, signs: Signs, zone: string): Value {
  const text = (key: string): string => String(data.getAll(key).at(-1) ?? "").trim();
  switch (type.kind) {
    case "boolean":
      return text(name) === "" ? null : text(name) === "true";
    case "money": {
      const amount = readNumber(text(`${name}__amount`), signs);
      return amount === null ? null : new Money(amount, text(`${name}__currency`));
    }
    case "integer":
    case "decimal":
    case "percent":
      return readNumber(text(name).replace(/\s*%$/, ""), signs);
    case "date":
      return /^\d{4}-\d\d-\d\d$/.test(text(name)) ? readDay(text(name)) : null;
    case "time":
      return /^\d\d:\d\d(:\d\d)?$/.test(text(name)) ? readTime(text(name)) : null;
    case "datetime":
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text(name)) ? inUtc(readMoment(text(name)), zone) : null;
    case "choices":
    case "records":
      return data.getAll(name).map(String).filter(Boolean);
    case "record":
      return data.has(`${name}__text`) && text(`${name}__text`) === "" ? null : text(name) || null;
    default:
      return text(name).replace(/[ \t]+/g, " ") || null;
  }
}

/** Reads a number as the person writes it, or in the plain way of programs. */
export function readNumber(text: string, signs: Signs): bigint | null {
  const plain = text.replace(/[\s\u00a0\u202f\u2009'’]/g, "").replaceAll(signs.group || " ", "").replace("\u2212", "-");
  const number = signs.point === "." ? plain : plain.replace(signs.point, ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(number) ? parsed(number.replace("+", "")) : null;
}

/** Returns the moment that clocks in a zone show; of two the earlier, as the server does. */
function inUtc(local: Moment, zone: string): Moment {
  const guess = new Moment(local.microseconds - offset(local, zone));
  return new Moment(local.microseconds - offset(guess, zone));
}

/** Writes a value for an input; null where an input of this type cannot be written to. */
export function inputText(value: Value, scale: number, signs: Signs, zone: string): string | null {
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return fixed(value, scale, { point: signs.point, group: "" });
  if (value instanceof Day) return dayText(value);
  if (value instanceof Time) return timeText(BigInt(value.microseconds)).slice(0, 5);
  if (value instanceof Moment) {
    const local = value.microseconds + offset(value, zone);
    const days = Number((local - (((local % dayMicroseconds) + dayMicroseconds) % dayMicroseconds)) / dayMicroseconds);
    return `${dayText(new Day(days))}T${timeText(local - BigInt(days) * dayMicroseconds).slice(0, 5)}`;
  }
  return null;
}

/** Writes a number with so many digits after the point, rounded half away from zero. */
export function fixed(value: bigint, scale: number, signs: Signs): string {
  const units = dividedHalfUp(value, 10n ** BigInt(places - scale));
  const digits = magnitude(units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale).replace(/\B(?=(\d{3})+$)/g, signs.group);
  return (units < 0n ? "\u2212" : "") + whole + (scale > 0 ? signs.point + digits.slice(-scale) : "");
}
