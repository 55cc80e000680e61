/** All functions of the language; one file declares one family, under the name that the server's file has. */
import type { Family } from "../family.ts";
import { dates } from "./dates.ts";
import { figures } from "./figures.ts";
import { logic } from "./logic.ts";
import { text } from "./text.ts";

export const functions: Family = { ...dates, ...figures, ...logic, ...text };
