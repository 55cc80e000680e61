/** Blank values, error values, and choosing by value. */
import { choosing, type Family, keeping, type Later } from "../family.ts";
import { EvaluationError, type Value, equal } from "../values.ts";

function chosen(value: Later, ...branches: Later[]): Value {
  const found = value();
  for (let at = 0; at + 1 < branches.length; at += 2) {
    const wanted = branches[at]!();
    if (found !== null && wanted !== null && equal(found, wanted)) return branches[at + 1]!();
  }
  return branches.length % 2 ? branches.at(-1)!() : null;
}

function ifError(value: Later, instead: Later): Value {
  try {
    return value();
  } catch (error) {
    if (error instanceof EvaluationError) return instead();
    throw error;
  }
}

export const logic: Family = {
  is_blank: keeping((_, value: Value) => value === null),
  blank_value: keeping((_, value: Value, instead: Value) => value ?? instead),
  case: choosing(chosen),
  if_error: choosing(ifError),
};
