/** Blank values: testing for them and replacing them. */
import { type Family, keeping } from "../family.ts";
import type { Value } from "../values.ts";

export const logic: Family = {
  is_blank: keeping((_, value: Value) => value === null),
  blank_value: keeping((_, value: Value, instead: Value) => value ?? instead),
};
