/** Angles in radians. */
import { one } from "../exact.ts";
import { type Family, strict } from "../family.ts";
import { arcCosine, arcSine, arcTangent, cosine, sine, tangent } from "../real.ts";
import type { Value } from "../values.ts";

export const angles: Family = {
  pi: strict(() => 3_141_592_653_589_793_238n),
  sin: strict((_, angle: Value) => sine(angle)),
  cos: strict((_, angle: Value) => cosine(angle)),
  tan: strict((_, angle: Value) => tangent(angle)),
  asin: strict((_, number: Value) => arcSine(number)),
  acos: strict((_, number: Value) => arcCosine(number)),
  atan: strict((_, number: Value) => arcTangent(number, one)),
  atan2: strict((_, height: Value, width: Value) => arcTangent(height, width)),
};
