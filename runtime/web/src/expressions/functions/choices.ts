/** Several choices: how many are chosen. */
import { integer } from "../exact.ts";
import { type Family, keeping } from "../family.ts";

export const choices: Family = {
  option_count: keeping((_, chosen: readonly string[] | null) => integer(chosen?.length ?? 0)),
};
