/** Numbers: rounding, size, smallest and largest. */
import { absolute, count, magnitude, remainder, roundHalfUp, toPlaces } from "../exact.ts";
import { type Family, strict } from "../family.ts";
import { type Value, currencyOf, order } from "../values.ts";

/** Returns the value that goes before all others in a direction. */
export function outermost(values: readonly Value[], direction: 1 | -1): Value {
  return values.reduce((best, value) => {
    currencyOf(best, value);
    return order(value, best) * direction < 0 ? value : best;
  });
}

export const figures: Family = {
  truncate: strict((_, number: Value, places: bigint = 0n) => toPlaces(number, count(places), () => 0n)),
  round_down: strict((_, number: Value) => toPlaces(number, 0, () => 0n)),
  round_up: strict((_, number: Value) => toPlaces(number, 0, (rest) => rest / magnitude(rest))),
  floor: strict((_, number: Value) => toPlaces(number, 0, (rest) => (rest < 0n ? -1n : 0n))),
  ceiling: strict((_, number: Value) => toPlaces(number, 0, (rest) => (rest > 0n ? 1n : 0n))),
  mod: strict((_, number: Value, divisor: Value) => remainder(number, divisor)),
  round: strict((_, number: Value, places: bigint = 0n) => roundHalfUp(number, count(places))),
  abs: strict((_, number: Value) => absolute(number)),
  min: strict((_, ...values: Value[]) => outermost(values, 1)),
  max: strict((_, ...values: Value[]) => outermost(values, -1)),
};
