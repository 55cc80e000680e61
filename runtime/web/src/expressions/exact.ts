/** Exact arithmetic on numbers and money: bigints that count 10^-18, rounded half away from zero. */
import { EvaluationError, Money, type Value, amount, currencyOf } from "./values.ts";

export const places = 18;
export const one = 10n ** 18n;
const limit = 10n ** 118n;

/** Divides whole numbers, rounding half away from zero. */
export function dividedHalfUp(top: bigint, bottom: bigint): bigint {
  const [size, by] = [magnitude(top), magnitude(bottom)];
  const result = (2n * size + by) / (2n * by);
  return top < 0n === bottom < 0n ? result : -result;
}

/** Returns a whole number without its sign. */
export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Returns a number if it has at most 100 digits before the point; throws otherwise. */
export function fit(number: bigint): bigint {
  if (magnitude(number) >= limit) {
    throw new EvaluationError("The result is too large: numbers have at most 100 digits before the point.");
  }
  return number;
}

/** Returns money when one of the operands is, else the plain number. */
export function combined(left: Value, right: Value, result: bigint): bigint | Money {
  const currency = currencyOf(left, right);
  return left instanceof Money || right instanceof Money ? new Money(result, currency ?? "") : result;
}

function numbers(left: Value, right: Value): [bigint, bigint] {
  return [amount(left) as bigint, amount(right) as bigint];
}

export function add(left: Value, right: Value): Value {
  const [first, second] = numbers(left, right);
  return combined(left, right, fit(first + second));
}

export function subtract(left: Value, right: Value): Value {
  const [first, second] = numbers(left, right);
  return combined(left, right, fit(first - second));
}

export function multiply(left: Value, right: Value): Value {
  const [first, second] = numbers(left, right);
  return combined(left, right, fit(dividedHalfUp(first * second, one)));
}

/** Returns left / right: cut after 39 digits, rounded to 38 digits after the point and then to 18. */
export function divide(left: Value, right: Value): Value {
  const [top, bottom] = numbers(left, right);
  if (bottom === 0n) {
    throw new EvaluationError("Division by zero. Test the divisor first, for example: a / b if b != 0 else blank.");
  }
  const quotient = dividedHalfUp((top * 10n ** 39n) / bottom, 10n);
  const result = fit(dividedHalfUp(quotient, 10n ** 20n));
  if (left instanceof Money && right instanceof Money) {
    currencyOf(left, right);
    return result;
  }
  return combined(left, right, result);
}

export function negate(value: Value): Value {
  return value instanceof Money ? new Money(-value.amount, value.currency) : -(value as bigint);
}

export function absolute(value: Value): Value {
  return (amount(value) as bigint) < 0n ? negate(value) : value;
}

/** Rounds half away from zero to so many digits after the point; negative ones round to tens, hundreds and so on. */
export function roundHalfUp(value: Value, digits: number): Value {
  const at = Math.max(-101, Math.min(places, digits));
  const unit = 10n ** BigInt(places - at);
  return combined(value, 0n, fit(dividedHalfUp(amount(value) as bigint, unit) * unit));
}

/** Cuts a number to so many digits after the point; `step` says from the rest how many units are added. */
export function toPlaces(value: Value, digits: number, step: (rest: bigint) => bigint): Value {
  const at = Math.max(-101, Math.min(places, digits));
  const unit = 10n ** BigInt(places - at);
  const number = amount(value) as bigint;
  const rest = number % unit;
  return combined(value, 0n, fit((number / unit + (rest === 0n ? 0n : step(rest))) * unit));
}

/** Returns what is left over when left is divided a whole number of times by right; it has the sign of left. */
export function remainder(left: Value, right: Value): Value {
  const [top, bottom] = numbers(left, right);
  if (bottom === 0n) {
    throw new EvaluationError("Division by zero. Test the divisor first, for example: mod(a, b) if b != 0 else blank.");
  }
  return combined(left, right, top % bottom);
}

/** Returns a small whole number for counting; larger ones are clamped, fractions cut off toward zero. */
export function count(value: Value): number {
  const whole = (value as bigint) / one;
  return Number(whole > 10n ** 15n ? 10n ** 15n : whole < -(10n ** 15n) ? -(10n ** 15n) : whole);
}

/** Returns a whole number as a value. */
export function integer(value: number | bigint): bigint {
  return BigInt(value) * one;
}

/** Reads a decimal as text, with or without an exponent. */
export function parsed(text: string): bigint {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const shift = places - fraction.length + Number(exponent);
  const units = BigInt(whole + fraction || "0");
  return shift >= 0 ? units * 10n ** BigInt(shift) : dividedHalfUp(units, 10n ** BigInt(-shift));
}

/** Writes a decimal without an exponent and without zeros at its end. */
export function written(value: bigint): string {
  const digits = magnitude(value).toString().padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  return (value < 0n ? "-" : "") + digits.slice(0, -places) + (fraction ? `.${fraction}` : "");
}
