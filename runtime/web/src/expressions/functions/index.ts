/** The functions that every reacting form loads; one file declares one family, under the name that the server's file has. */
import type { Family } from "../family.ts";
import { calendar } from "./calendar.ts";
import { choices } from "./choices.ts";
import { clock } from "./clock.ts";
import { conversion } from "./conversion.ts";
import { dates } from "./dates.ts";
import { durations } from "./durations.ts";
import { figures } from "./figures.ts";
import { logic } from "./logic.ts";
import { pieces } from "./pieces.ts";
import { text } from "./text.ts";

export const functions: Family = {
  ...calendar, ...choices, ...clock, ...conversion, ...dates, ...durations, ...figures, ...logic, ...pieces, ...text,
}; // prettier-ignore
