/** Roots. Powers and logarithms of any size are left to the server. */
import { dividedHalfUp } from "../exact.ts";
import { type Family, strict } from "../family.ts";
import { EvaluationError, type Value, amount } from "../values.ts";

/** Returns the whole root of a whole number, by Newton's steps from above. */
function wholeRoot(number: bigint): bigint {
  if (number < 2n) return number;
  let root = 1n << BigInt((number.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + number / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function squareRoot(value: Value): bigint {
  const number = amount(value) as bigint;
  if (number < 0n) {
    throw new EvaluationError("A negative number has no square root. Test it first, for example: sqrt(x) if x >= 0 else 0.");
  }
  return dividedHalfUp(wholeRoot(number * 10n ** 60n), 10n ** 21n);
}

export const powers: Family = {
  sqrt: strict((_, number: Value) => squareRoot(number)),
};
