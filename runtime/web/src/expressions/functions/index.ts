/** All functions of the language; one file declares one family, under the name that the server's file has. */
import type { Family } from "../family.ts";
import { dates } from "./dates.ts";
import { encoding } from "./encoding.ts";
import { figures } from "./figures.ts";
import { logic } from "./logic.ts";
import { pieces } from "./pieces.ts";
import { powers } from "./powers.ts";
import { text } from "./text.ts";

export const functions: Family = { ...dates, ...encoding, ...figures, ...logic, ...pieces, ...powers, ...text };
