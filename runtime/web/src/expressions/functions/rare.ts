/** The functions that few forms use: a form that names one loads them beside the others. */
import type { Family } from "../family.ts";
import { angles } from "./angles.ts";
import { encoding } from "./encoding.ts";
import { markup } from "./markup.ts";
import { patterns } from "./patterns.ts";
import { powers } from "./powers.ts";

export const functions: Family = { ...angles, ...encoding, ...markup, ...patterns, ...powers };
