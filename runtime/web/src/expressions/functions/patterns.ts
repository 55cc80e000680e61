/** Patterns: whether a text has a given shape. */
import { type Family, type Function, keeping } from "../family.ts";
import { anything, eating, sequence, shape, Unread, whole } from "../pattern.ts";
import { EvaluationError } from "../values.ts";

type Text = string | null;
type Test = (text: string) => boolean;

const longest = 1_000;
const made = new Map<string, Test>();

function kept(pattern: string, make: () => Test): Test {
  let test = made.get(pattern);
  if (test === undefined) {
    if (made.size >= 256) made.clear();
    made.set(pattern, (test = make()));
  }
  return test;
}

function matches(text: Text, pattern: Text): boolean {
  return pattern !== null && kept(`m${pattern}`, () => shape(pattern))(text ?? "");
}

/** Tells whether a pattern is written in the expression and read alike here; the server decides on any other. */
function readable(pattern: unknown): boolean {
  if (typeof pattern !== "string") return pattern === null;
  try {
    shape(pattern);
    return true;
  } catch (error) {
    if (error instanceof Unread) return false;
    throw error;
  }
}

function like(text: Text, pattern: Text): boolean {
  if (pattern === null) return false;
  const signs = [...pattern];
  if (signs.length > longest) {
    throw new EvaluationError(`A pattern has at most ${longest} characters; this has ${signs.length}.`);
  }
  return kept(`l${pattern}`, () => whole(wildcards(signs)))(text ?? "");
}

/** Returns the pattern in which % is any text, _ any one character, and a backslash takes both literally. */
function wildcards(signs: readonly string[]) {
  const parts = [];
  for (let at = 0; at < signs.length; at++) {
    if (signs[at] === "%") parts.push(anything());
    else if (signs[at] === "_") parts.push(eating(() => true));
    else {
      if (signs[at] === "\\" && at + 1 < signs.length) at++;
      const wanted = signs[at]!.codePointAt(0)!;
      parts.push(eating((code) => code === wanted));
    }
  }
  return sequence(parts);
}

const matching: Function = {
  ...keeping((_, text: Text, pattern: Text) => matches(text, pattern)),
  accepts: ([, pattern]) => readable(pattern),
};

export const patterns: Family = {
  matches: matching,
  like: keeping((_, text: Text, pattern: Text) => like(text, pattern)),
};
