/** Values as JSON, as the server writes and reads them (`kith_metadata.expressions.wire`). */
import { dayMicroseconds, dayOf, floored } from "./calendar.ts";
import { integer, one, parsed, written } from "./exact.ts";
import { Day, Duration, Found, Moment, Money, Time, type Value } from "./values.ts";
import { civil } from "./calendar.ts";

export type Wire =
  | null
  | boolean
  | string
  | number
  | readonly Wire[]
  | { readonly value: "record"; readonly fields: Readonly<Record<string, Wire>> }
  | { readonly value: string; readonly text: string; readonly currency?: string };

/** Returns the value that JSON stands for. */
export function decode(data: Wire): Value {
  if (data === null || typeof data === "boolean" || typeof data === "string") return data;
  if (typeof data === "number") return Number.isInteger(data) ? integer(data) : parsed(String(data));
  if (isList(data)) return data.map(decode);
  if ("fields" in data) return new Found(decodeAll(data.fields));
  return readers[data.value]!(data.text, data.currency ?? "");
}

/** Returns the values of a mapping. */
export function decodeAll(fields: Readonly<Record<string, Wire>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, decode(value)]));
}

/** Returns a value as JSON; whole numbers and decimals alike are written as decimals. */
export function encode(value: Value): Wire {
  if (typeof value === "bigint") return { value: "decimal", text: written(value) };
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (isList(value)) return value.map(encode);
  if (value instanceof Money) return { value: "money", text: written(value.amount), currency: value.currency };
  if (value instanceof Day) return { value: "date", text: dayText(value) };
  if (value instanceof Moment) return { value: "datetime", text: momentText(value) };
  if (value instanceof Time) return { value: "time", text: timeText(BigInt(value.microseconds)) };
  if (value instanceof Duration) return { value: "duration", text: String(value.microseconds) };
  const fields = Object.entries((value as Found).fields).map(([name, item]) => [name, encode(item)] as const);
  return { value: "record", fields: Object.fromEntries(fields) };
}

const readers: Readonly<Record<string, (text: string, currency: string) => Value>> = {
  integer: (text) => BigInt(text) * one,
  decimal: parsed,
  money: (text, currency) => new Money(parsed(text), currency),
  date: readDay,
  datetime: readMoment,
  time: readTime,
  duration: (text) => new Duration(BigInt(text)),
};

/** Reads a date such as 2026-11-24. */
export function readDay(text: string): Day {
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
  return dayOf(year, month, day);
}

/** Reads a time such as 09:30 or 09:30:00.000001. */
export function readTime(text: string): Time {
  const [hour = "0", minute = "0", second = "0"] = text.split(":");
  const [whole = "0", fraction = ""] = second.split(".");
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(whole);
  return new Time(seconds * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, "0")));
}

/** Reads a moment such as 2026-11-24T09:00:00.000001+00:00; without an offset it is in UTC. */
export function readMoment(text: string): Moment {
  const [, day = "", time = "", sign = "", ahead = ""] = /^([^T]+)T([^Z+-]+)(?:Z|([+-])(.+))?$/.exec(text) ?? [];
  const zone = ahead ? BigInt(readTime(ahead).microseconds) : 0n;
  const local = BigInt(readDay(day).days) * dayMicroseconds + BigInt(readTime(time).microseconds);
  return new Moment(sign === "-" ? local + zone : local - zone);
}

/** Writes a date as 2026-11-24. */
export function dayText(day: Day): string {
  const { year, month, day: of } = civil(day);
  return `${padded(year, 4)}-${padded(month)}-${padded(of)}`;
}

/** Writes a time as 09:30:00, with a fraction only where there is one. */
export function timeText(microseconds: bigint): string {
  const [seconds, fraction] = [Number(microseconds / 1_000_000n), Number(microseconds % 1_000_000n)];
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => padded(part));
  return clock.join(":") + (fraction ? `.${padded(fraction, 6)}` : "");
}

function momentText(moment: Moment): string {
  const days = floored(moment.microseconds, dayMicroseconds);
  return `${dayText(new Day(Number(days)))}T${timeText(moment.microseconds - days * dayMicroseconds)}+00:00`;
}

function padded(number: number, length = 2): string {
  return String(number).padStart(length, "0");
}

function isList<T>(value: unknown): value is readonly T[] {
  return Array.isArray(value);
}
