/**
 * Powers, roots, logarithms and angles: worked out with more digits than are kept, rounded to 38 places and then to 18,
 * as the server does. Inside, a number is a bigint that counts units of 10^-`digits`.
 */
import { dividedHalfUp, fit, magnitude, one } from "./exact.ts";
import { EvaluationError, type Value, amount } from "./values.ts";

const digits = 200;
const unit = 10n ** BigInt(digits);
const fromValue = unit / one;
/** Powers are worked out with so many digits, wherever the point stands. */
const longest = 10n ** 170n;
const tooManyDigits = 102;
const mostExponent = 1_000_000;
/** e to this power has more than 100 digits before the point. */
const mostExp = 231n * one;
const mostAngle = one * 10n ** 15n;
const pi = BigInt(
  "314159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798215",
) * 10n ** BigInt(digits - 104); // prettier-ignore

function tooLarge(): EvaluationError {
  return new EvaluationError("The result is too large: numbers have at most 100 digits before the point.");
}

function number(value: Value): bigint {
  return amount(value) as bigint;
}

/** Returns a number as expressions keep it, from units of 10^-`of`. */
function kept(value: bigint, of = digits): bigint {
  const rounded = of > 38 ? dividedHalfUp(value, 10n ** BigInt(of - 38)) : value * 10n ** BigInt(38 - of);
  return fit(dividedHalfUp(rounded, 10n ** 20n));
}

function times(left: bigint, right: bigint): bigint {
  return (left * right) / unit;
}

function over(top: bigint, bottom: bigint): bigint {
  return (top * unit) / bottom;
}

/** Returns the whole root of a whole number, by Newton's steps from above. */
function wholeRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Returns the square root. */
export function squareRoot(value: Value): bigint {
  if (number(value) < 0n) {
    throw new EvaluationError("A negative number has no square root. Test it first, for example: sqrt(x) if x >= 0 else 0.");
  }
  return kept(wholeRoot(number(value) * 10n ** 102n), 60);
}

/** A number as digits and how many places they are to the right of the point. */
type Floating = readonly [digits: bigint, places: number];

/** Cuts what goes beyond the digits that powers are worked out with. */
function cut([value, places]: Floating): Floating {
  const beyond = magnitude(value).toString().length - 170;
  return beyond > 0 ? [dividedHalfUp(value, 10n ** BigInt(beyond)), places - beyond] : [value, places];
}

function raised(base: Floating, exponent: number): Floating {
  let [result, square]: [Floating, Floating] = [[1n, 0], base];
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2) result = cut([result[0] * square[0], result[1] + square[1]]);
    if (left > 1) square = cut([square[0] * square[0], square[1] * 2]);
  }
  return result;
}

/** Returns how many digits a number has before the point; 0 and less for one below 1. */
function size([value, places]: Floating): number {
  return magnitude(value).toString().length - places;
}

/** Returns a number to the power of a whole one. */
export function power(base: Value, exponent: Value): bigint {
  const [value, by] = [number(base), number(exponent)];
  if (by % one !== 0n || magnitude(by) > BigInt(mostExponent) * one) {
    throw new EvaluationError("The exponent must be a whole number up to 1,000,000. For roots use sqrt(…), or exp(ln(a) * b).");
  }
  const whole = Number(by / one);
  if (value === 0n) {
    if (whole < 0) throw new EvaluationError("Division by zero: 0 has no negative powers.");
    return whole === 0 ? one : 0n;
  }
  let found = raised([value, 18], Math.abs(whole));
  if (whole < 0) found = cut([(longest * longest) / found[0], 340 - found[1]]);
  if (size(found) > tooManyDigits) throw tooLarge();
  if (size(found) < -40) return 0n;
  return found[1] >= 0 ? kept(...found) : fit(found[0] * 10n ** BigInt(18 - found[1]));
}

/** Returns e to the power of a number that is not negative: its parts are small, and squared as often as it was halved. */
function raisedE(exponent: bigint): bigint {
  const halvings = 24n;
  const small = exponent >> halvings;
  let [total, term] = [unit, unit];
  for (let index = 1n; term !== 0n; index++) {
    term = times(term, small) / index;
    total += term;
  }
  for (let step = 0n; step < halvings; step++) total = times(total, total);
  return total;
}

/** Returns e to the power of a number. */
export function exponential(value: Value): bigint {
  const exponent = number(value);
  if (exponent > mostExp) throw tooLarge();
  if (exponent < -mostExp) return 0n;
  const found = raisedE(magnitude(exponent) * fromValue);
  return kept(exponent < 0n ? over(unit, found) : found);
}

/** Returns twice the area tangent of a number up to 1/3, of which every logarithm is made. */
function areaTangent(slope: bigint): bigint {
  const square = times(slope, slope);
  let [total, term] = [0n, slope];
  for (let index = 1n; term !== 0n; index += 2n) {
    total += term / index;
    term = times(term, square);
  }
  return 2n * total;
}

const logarithmOf2 = areaTangent(unit / 3n);
const logarithmOf10 = 3n * logarithmOf2 + areaTangent(unit / 9n);

function logarithm(value: Value): bigint {
  if (number(value) <= 0n) {
    throw new EvaluationError("Only numbers above zero have a logarithm. Test it first, for example: x > 0.");
  }
  let [rest, doublings] = [number(value) * fromValue, 0n];
  for (; rest >= 2n * unit; doublings++) rest >>= 1n;
  for (; rest < unit; doublings--) rest <<= 1n;
  return doublings * logarithmOf2 + areaTangent(over(rest - unit, rest + unit));
}

/** Returns the logarithm to the base e. */
export function naturalLogarithm(value: Value): bigint {
  return kept(logarithm(value));
}

/** Returns the logarithm to the base 10. */
export function decimalLogarithm(value: Value): bigint {
  return kept(over(logarithm(value), logarithmOf10));
}

/** Returns an angle without its whole turns. */
function turned(value: Value): bigint {
  const angle = number(value);
  if (magnitude(angle) > mostAngle) throw new EvaluationError("The angle is too large: up to 10^15 is possible.");
  return angle * fromValue - dividedHalfUp(angle * fromValue, 2n * pi) * 2n * pi;
}

function series(first: bigint, step: bigint, square: bigint): bigint {
  let [total, term] = [first, first];
  for (let index = step; term !== 0n; index += 2n) {
    term = -times(term, square) / (index * (index + 1n));
    total += term;
  }
  return total;
}

function sineOf(angle: bigint): bigint {
  return series(angle, 2n, times(angle, angle));
}

function cosineOf(angle: bigint): bigint {
  return series(unit, 1n, times(angle, angle));
}

/** Returns the sine of an angle in radians. */
export function sine(value: Value): bigint {
  return kept(sineOf(turned(value)));
}

/** Returns the cosine of an angle in radians. */
export function cosine(value: Value): bigint {
  return kept(cosineOf(turned(value)));
}

/** Returns the tangent of an angle in radians. */
export function tangent(value: Value): bigint {
  const angle = turned(value);
  return kept(over(sineOf(angle), cosineOf(angle)));
}

function ratio(value: Value, name: string): bigint {
  if (magnitude(number(value)) > one) throw new EvaluationError(`A ${name} lies from -1 to 1.`);
  return number(value) * fromValue;
}

/** Returns the other leg of a right-angled triangle whose longest side is 1. */
function otherLeg(leg: bigint): bigint {
  return wholeRoot(unit * unit - leg * leg);
}

/** Returns the angle from -pi/2 to pi/2 whose sine a number is. */
export function arcSine(value: Value): bigint {
  const leg = ratio(value, "sine");
  return kept(angleOf(leg, otherLeg(leg)));
}

/** Returns the angle from 0 to pi whose cosine a number is. */
export function arcCosine(value: Value): bigint {
  const leg = ratio(value, "cosine");
  return kept(angleOf(otherLeg(leg), leg));
}

/** Returns the angle from -pi to pi at which a point lies; 0 for the origin. */
export function arcTangent(height: Value, width: Value): bigint {
  return kept(angleOf(number(height) * fromValue, number(width) * fromValue));
}

function angleOf(height: bigint, width: bigint): bigint {
  if (width === 0n) return height === 0n ? 0n : height > 0n ? pi / 2n : -pi / 2n;
  const angle = arc(over(height, width));
  if (width > 0n) return angle;
  return height >= 0n ? angle + pi : angle - pi;
}

/** Returns the arc tangent: the slope is halved in angle until its series ends soon. */
function arc(given: bigint): bigint {
  let [slope, doublings] = [given, 0n];
  for (; magnitude(slope) > unit / 20n; doublings++) slope = over(slope, unit + wholeRoot(unit * unit + slope * slope));
  const square = times(slope, slope);
  let [total, term] = [0n, slope];
  for (let index = 1n; term !== 0n; index += 2n) {
    total += term / index;
    term = -times(term, square);
  }
  return total << doublings;
}
