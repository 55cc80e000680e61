/** Cuts the bundled typeface to what screens use of it: three weights, a few features, the letters of one block a file. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import subsetFont from "subset-font";
import type { Plugin } from "vite";

const WEIGHTS = { min: 400, max: 600, default: 400 };

/** Placing of letters and signs, what belongs to a language, digits of one width, and the two forms that screens ask for. */
const FEATURES = ["ccmp", "locl", "kern", "mark", "mkmk", "calt", "rlig", "liga", "tnum", "lnum", "cv11", "ss03"];

/** A face of the stylesheet: the file that it is cut into, the name of the packaged file in its `src`, its letters. */
const FACE = /url\("[^"]*\/cut\/([\w-]+)\.woff2"\)[^;]*;\s*\/\* of ([\w-]+) \*\/\s*unicode-range:([^;]+);/g;

/** Returns the letters of a `unicode-range` as one text. */
function lettersOf(ranges: string): string {
  const letters: string[] = [];
  for (const [, first, last] of ranges.matchAll(/U\+([0-9A-F]+)(?:-([0-9A-F]+))?/gi)) {
    const end = Number.parseInt(last ?? first!, 16);
    for (let code = Number.parseInt(first!, 16); code <= end; code += 1) letters.push(String.fromCodePoint(code));
  }
  return letters.join("");
}

/** Writes each face that the stylesheet names under `cut/` before anything is bundled. */
export function fonts(stylesheet: string, packaged: string, cut: string): Plugin {
  return {
    name: "kith-fonts",
    async buildStart() {
      mkdirSync(cut, { recursive: true });
      const faces = [...readFileSync(stylesheet, "utf8").matchAll(FACE)];
      if (faces.length === 0) this.error(`${stylesheet} names no face to cut.`);
      for (const [, name, source, ranges] of faces) {
        const whole = readFileSync(resolve(packaged, `${source}.woff2`));
        const options = { targetFormat: "woff2", variationAxes: { wght: WEIGHTS }, keepFeatures: FEATURES } as const;
        writeFileSync(resolve(cut, `${name}.woff2`), await subsetFont(whole, lettersOf(ranges!), options));
      }
    },
  };
}
