/** Fuzzy matching of short labels, for lists that are already here. */

export interface Match {
  /** Bigger is better. */
  readonly score: number;
  /** The places in the label that were found. */
  readonly places: ReadonlySet<number>;
}

function plain(text: string): string {
  // Letter by letter, so that places in the plain text are places in the label.
  return [...text].map((letter) => letter.normalize("NFD")[0]!.toLocaleLowerCase()[0] ?? letter).join("");
}

function range(from: number, length: number): number[] {
  return Array.from({ length }, (_, index) => from + index);
}

function inOrder(word: string, label: string): number[] | null {
  const places: number[] = [];
  let at = -1;
  for (const letter of word) {
    at = label.indexOf(letter, at + 1);
    if (at < 0) return null;
    places.push(at);
  }
  return places;
}

function matchWord(word: string, label: string): [number, number[]] | null {
  if (label.startsWith(word)) return [100, range(0, word.length)];
  const start = label.search(new RegExp(`[\\s/·(-]${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`));
  if (start >= 0) return [85 - Math.min(start, 20) / 4, range(start + 1, word.length)];
  const inside = label.indexOf(word);
  if (inside >= 0) return [55 - Math.min(inside, 20) / 4, range(inside, word.length)];
  const places = word.length > 1 ? inOrder(word, label) : null;
  if (places === null) return null;
  const spread = places.at(-1)! - places[0]! - word.length;
  return spread > 12 ? null : [30 - spread, places];
}

/** Tells how well a label fits what was typed; null when some word does not fit at all. */
export function match(typed: string, label: string): Match | null {
  const words = plain(typed).split(/\s+/).filter((word) => word !== "");
  const text = plain(label);
  const places = new Set<number>();
  let score = 0;
  for (const word of words) {
    const found = matchWord(word, text);
    if (found === null) return null;
    score += found[0] / words.length;
    for (const place of found[1]) places.add(place);
  }
  return { score: score - Math.min(label.length, 60) / 30, places };
}

/** Splits a label into text and marked parts. */
export function markedParts(label: string, places: ReadonlySet<number>): (string | HTMLElement)[] {
  const parts: (string | HTMLElement)[] = [];
  let text = "";
  let isMarked = false;
  const flush = () => {
    if (text === "") return;
    parts.push(isMarked ? Object.assign(document.createElement("mark"), { textContent: text }) : text);
    text = "";
  };
  [...label].forEach((letter, index) => {
    if (places.has(index) !== isMarked) flush();
    isMarked = places.has(index);
    text += letter;
  });
  flush();
  return parts;
}
