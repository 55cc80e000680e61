/** Pieces of text: cutting, finding, replacing, padding, and single characters. Positions count from 1. */
import { count, integer } from "../exact.ts";
import { type Family, keeping, strict } from "../family.ts";
import { EvaluationError } from "../values.ts";

type Text = string | null;

const longest = 1_000_000;
const inAWord = /[\p{L}\p{Nd}]+/gu;

/** Throws an error value when a text of this length would be too long. */
export function checkedLength(length: number): void {
  if (length > longest) throw new EvaluationError(`The text is too long: at most ${longest} characters are possible.`);
}

function positive(value: bigint): number {
  return Math.max(0, count(value));
}

function cut(text: string, from: number, to: number): Text {
  return [...text].slice(from, to).join("") || null;
}

function find(part: Text, text: Text, start: bigint | null = 10n ** 18n): bigint | null {
  if (start === null) return null;
  if (!text || !part) return 0n;
  const letters = [...text];
  const skipped = letters.slice(0, Math.max(0, count(start) - 1)).join("").length;
  const at = count(start) > letters.length + 1 ? -1 : text.indexOf(part, skipped);
  return integer(at < 0 ? 0 : [...text.slice(0, at)].length + 1);
}

function replace(text: Text, part: Text, instead: Text): Text {
  if (text === null || part === null) return null;
  const pieces = text.split(part);
  checkedLength([...text].length + (pieces.length - 1) * ([...(instead ?? "")].length - [...part].length));
  return pieces.join(instead ?? "") || null;
}

/** Returns a text cut to a length, and what is missing from it. */
function padded(text: string, length: bigint, filler: string): [string, string] {
  const wanted = positive(length);
  checkedLength(wanted);
  const [letters, fill] = [[...text], [...filler]];
  const missing = Math.max(0, wanted - letters.length);
  const filling = Array.from({ length: missing }, (_, at) => fill[at % fill.length]).join("");
  return [letters.slice(0, wanted).join(""), filling];
}

function padLeft(text: string, length: bigint, filler = " "): Text {
  const [kept, filling] = padded(text, length, filler);
  return filling + kept || null;
}

function padRight(text: string, length: bigint, filler = " "): Text {
  const [kept, filling] = padded(text, length, filler);
  return kept + filling || null;
}

function repeat(text: string, times: bigint): Text {
  checkedLength([...text].length * positive(times));
  return text.repeat(positive(times)) || null;
}

function titled(word: string): string {
  const [first = "", ...rest] = word;
  return first.toUpperCase() + rest.join("").toLowerCase();
}

/** Tells whether a text may hold the character of this number: no control characters, no halves of characters. */
function isTextCharacter(code: number): boolean {
  if (code < 32) return code === 9 || code === 10 || code === 13;
  return code <= 0x10ffff && !(code >= 127 && code <= 159) && !(code >= 0xd800 && code <= 0xdfff);
}

export const pieces: Family = {
  left: strict((_, text: string, number: bigint) => cut(text, 0, positive(number))),
  right: strict((_, text: string, number: bigint) => cut(text, Math.max(0, [...text].length - count(number)), Infinity)),
  mid: strict((_, text: string, start: bigint, number: bigint) => {
    const begin = Math.max(0, count(start) - 1);
    return cut(text, begin, begin + positive(number));
  }),
  find: keeping((_, part: Text, text: Text, start?: bigint | null) => find(part, text, start)),
  replace: keeping((_, text: Text, part: Text, instead: Text) => replace(text, part, instead)),
  pad_left: strict((_, text: string, length: bigint, filler?: string) => padLeft(text, length, filler)),
  pad_right: strict((_, text: string, length: bigint, filler?: string) => padRight(text, length, filler)),
  repeat: strict((_, text: string, times: bigint) => repeat(text, times)),
  reverse: strict((_, text: string) => [...text].reverse().join("")),
  title_case: strict((_, text: string) => text.replace(inAWord, titled)),
  char: strict((_, number: bigint) => {
    const code = count(number);
    return code > 0 && isTextCharacter(code) ? String.fromCodePoint(code) : null;
  }),
  code: strict((_, text: string) => integer(text.codePointAt(0)!)),
};
