/**
 * The values of expressions, and how they are compared: blank is null, a number is a bigint that counts 10^-18, a choice
 * and a record are texts, lists are arrays; everything else has a class of its own.
 */

/** An error value: the cell or condition shows why it has none. */
export class EvaluationError extends Error {}

export class Money {
  readonly amount: bigint;
  readonly currency: string;

  constructor(amount: bigint, currency: string) {
    this.amount = amount;
    this.currency = currency;
  }
}

/** A date by its days since 1970-01-01. */
export class Day {
  readonly days: number;

  constructor(days: number) {
    this.days = days;
  }
}

/** A moment by its microseconds since 1970-01-01T00:00Z. */
export class Moment {
  readonly microseconds: bigint;

  constructor(microseconds: bigint) {
    this.microseconds = microseconds;
  }
}

/** A time of day by its microseconds since midnight. */
export class Time {
  readonly microseconds: number;

  constructor(microseconds: number) {
    this.microseconds = microseconds;
  }
}

export class Duration {
  readonly microseconds: bigint;

  constructor(microseconds: bigint) {
    this.microseconds = microseconds;
  }
}

/** A record in hand: its fields by name, as stored. */
export class Found {
  readonly fields: Readonly<Record<string, Value>>;

  constructor(fields: Readonly<Record<string, Value>>) {
    this.fields = fields;
  }
}

export type Value = null | boolean | string | bigint | Money | Day | Moment | Time | Duration | Found | readonly Value[];

/** What an expression may know besides its record. */
export interface Environment {
  readonly now: Moment;
  readonly today: Day;
  readonly me: Readonly<Record<string, Value>>;
  readonly timeZone: string;
  /** The record before the change; none for a new one, and where nothing changes. */
  readonly former: Found | null;
  /** Full names of the person's roles. */
  readonly roles: readonly string[];
  readonly settings: Readonly<Record<string, Value>>;
  /** The records around, the nearest last, while a record of a list is looked at. */
  readonly outers: readonly Found[];
}

export interface Type {
  readonly kind: string;
  readonly name?: string;
  readonly item?: Type;
}

/** Returns the plain number of a value: the amount of money, anything else as it is. */
export function amount(value: Value): Value {
  return value instanceof Money ? value.amount : value;
}

/** Throws when two currencies would be mixed; returns the one that counts. */
export function currencyOf(left: Value, right: Value): string | null {
  const first = left instanceof Money ? left.currency : "";
  const second = right instanceof Money ? right.currency : "";
  if (first && second && first !== second) {
    throw new EvaluationError(`${first} and ${second} cannot be combined. Convert one of the amounts first.`);
  }
  return first || second || null;
}

/** Returns what orders a value among others of its kind. */
function key(value: Value): Value | number {
  if (value instanceof Money) return value.amount;
  if (value instanceof Day) return value.days;
  if (value instanceof Moment || value instanceof Time || value instanceof Duration) return BigInt(value.microseconds);
  return value;
}

/** Orders two values of one kind, texts by code point: negative, zero or positive. */
export function order(left: Value, right: Value): number {
  const [first, second] = [key(left), key(right)];
  if (typeof first === "string" && typeof second === "string") return orderOfTexts(first, second);
  return first === second ? 0 : first! < second! ? -1 : 1;
}

function orderOfTexts(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    if (left.charCodeAt(at) !== right.charCodeAt(at)) return codeAt(left, at) - codeAt(right, at);
  }
  return left.length - right.length;
}

/** A code unit, with the halves of letters beyond 65,535 above all others. */
function codeAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xd800 && code < 0xe000 ? code + 0x10000 : code;
}

/** Compares: two blanks are equal, a blank and a value never; money counts by its amount. */
export function equal(left: Value, right: Value): boolean {
  if (left === null || right === null) return left === right;
  currencyOf(left, right);
  return key(left) === key(right);
}

/** Tells whether two values are the same, money with its currency and lists with their order. */
export function same(left: Value, right: Value): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, at) => same(item as Value, right[at] as Value));
  }
  if (left instanceof Money && right instanceof Money && left.currency !== right.currency) return false;
  return left === null || right === null ? left === right : key(left) === key(right);
}

/** Returns a test by size, which never holds for a blank. */
function ordered(test: (order: number) => boolean): (left: Value, right: Value) => boolean {
  return (left, right) => {
    if (left === null || right === null) return false;
    currencyOf(left, right);
    return test(order(left, right));
  };
}

export const comparisons: Readonly<Record<string, (left: Value, right: Value) => boolean>> = {
  "==": equal,
  "!=": (left, right) => !equal(left, right),
  "<": ordered((found) => found < 0),
  "<=": ordered((found) => found <= 0),
  ">": ordered((found) => found > 0),
  ">=": ordered((found) => found >= 0),
};

/** Tells whether a container holds an item: a text its part, a list an equal value; a blank one holds nothing. */
export function contains(item: Value, container: Value): boolean {
  if (container === null) return false;
  if (typeof container === "string") return typeof item === "string" && container.includes(item);
  return (container as readonly Value[]).some((member) => equal(item, member));
}

/** Returns a record's value as expressions see it: empty texts and lists blank, 20 % as 0.2, a record as its id. */
export function normal(type: Type, value: Value): Value {
  if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) return null;
  if (type.kind === "percent") return (value as bigint) / 100n;
  if (type.kind === "record" && value instanceof Found) return value.fields["id"] ?? null;
  return value;
}

/** Returns a value of a record that is known to be there. */
export function held(fields: Readonly<Record<string, Value>>, name: string): Value {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (value === undefined) throw new EvaluationError(`The field '${name}' was not loaded, so it cannot be used here.`);
  return value;
}

/** Returns the record that holds the last name of a path; null when a lookup on the way is blank. */
export function behind(record: Found, path: readonly string[]): Found | null {
  let holder = record;
  for (const name of path.slice(0, -1)) {
    const next = held(holder.fields, name);
    if (next === null) return null;
    if (!(next instanceof Found)) {
      throw new EvaluationError(`The record behind '${name}' was not loaded, so its fields cannot be used here.`);
    }
    holder = next;
  }
  return holder;
}
