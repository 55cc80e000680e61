/** Text: case, length, trimming and searching. Searching is exact: upper and lower case differ. */
import { integer } from "../exact.ts";
import { type Family, keeping, strict } from "../family.ts";

type Text = string | null;

/** Counts the characters of a text. */
export function length(text: Text): number {
  let count = 0;
  for (const _ of text ?? "") count++;
  return count;
}

/** Declares a search, in which a blank part occurs nowhere. */
function search(test: (text: string, part: string) => boolean) {
  return keeping((_, text: Text, part: Text) => Boolean(text && part && test(text, part)));
}

export const text: Family = {
  lower: strict((_, value: string) => value.toLowerCase()),
  upper: strict((_, value: string) => value.toUpperCase()),
  trim: strict((_, value: string) => value.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "") || null),
  len: keeping((_, value: Text) => integer(length(value))),
  contains: search((value, part) => value.includes(part)),
  starts_with: search((value, part) => value.startsWith(part)),
  ends_with: search((value, part) => value.endsWith(part)),
};
