/** Powers, roots and logarithms. */
import { type Family, strict } from "../family.ts";
import { decimalLogarithm, exponential, naturalLogarithm, power, squareRoot } from "../real.ts";
import type { Value } from "../values.ts";

export const powers: Family = {
  power: strict((_, base: Value, exponent: Value) => power(base, exponent)),
  sqrt: strict((_, number: Value) => squareRoot(number)),
  exp: strict((_, number: Value) => exponential(number)),
  ln: strict((_, number: Value) => naturalLogarithm(number)),
  log10: strict((_, number: Value) => decimalLogarithm(number)),
};
