/**
 * Patterns of the language RE2, for whole texts: all ways through a pattern are walked at once, sign by sign, so that none
 * can take long. Only what both languages mean alike is read; anything else is refused, and the server decides.
 */

/** A pattern that this engine does not read. */
export class Unread extends Error {}

type Test = (code: number) => boolean;
type Range = readonly [first: number, last: number];
type Assertion = (before: number | undefined, after: number | undefined) => boolean;

/** A step: eats a sign that fits, stands where something holds, or goes on in one or two ways; the last one has no way. */
interface Step {
  readonly eats?: Test;
  readonly holds?: Assertion;
  ways: readonly number[];
}

/** A part of a pattern: lays its steps so that they lead to `next`, and returns the first of them. */
type Part = (steps: Step[], next: number) => number;

const mostSteps = 2_000;
const newline = 10;
const groups: Readonly<Record<string, readonly Range[]>> = {
  d: [[48, 57]],
  s: [[9, 10], [12, 13], [32, 32]],
  w: [[48, 57], [65, 90], [95, 95], [97, 122]],
}; // prettier-ignore
const named: Readonly<Record<string, readonly Range[]>> = {
  alnum: [[48, 57], [65, 90], [97, 122]], alpha: [[65, 90], [97, 122]], ascii: [[0, 127]], blank: [[9, 9], [32, 32]],
  cntrl: [[0, 31], [127, 127]], digit: groups["d"]!, graph: [[33, 126]], lower: [[97, 122]], print: [[32, 126]],
  punct: [[33, 47], [58, 64], [91, 96], [123, 126]], space: [[9, 13], [32, 32]], upper: [[65, 90]], word: groups["w"]!,
  xdigit: [[48, 57], [65, 70], [97, 102]],
}; // prettier-ignore
const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

function within(ranges: readonly Range[], folds: boolean): Test {
  if (!folds) return (code) => ranges.some(([first, last]) => code >= first && code <= last);
  const written = ranges.map(([first, last]) => `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`).join("");
  const one = new RegExp(`^[${written}]$`, "iu");
  return (code) => one.test(String.fromCodePoint(code));
}

function isWord(code: number | undefined): boolean {
  return code !== undefined && groups["w"]!.some(([first, last]) => code >= first && code <= last);
}

/** Returns the part that eats one sign. */
export function eating(eats: Test): Part {
  return (steps, next) => laid(steps, { eats, ways: [next] });
}

/** Returns the part that any text fits. */
export function anything(eats: Test = () => true): Part {
  return repeated(eating(eats), 0, Infinity);
}

/** Returns the parts one behind the other. */
export function sequence(parts: readonly Part[]): Part {
  return (steps, next) => parts.reduceRight((following, part) => part(steps, following), next);
}

function laid(steps: Step[], step: Step): number {
  if (steps.length >= mostSteps) throw new Unread();
  return steps.push(step) - 1;
}

function repeated(part: Part, least: number, most: number): Part {
  return (steps, next) => {
    let following = next;
    if (most === Infinity) {
      following = laid(steps, { ways: [] });
      steps[following]!.ways = [part(steps, following), next];
    }
    for (let count = least; most !== Infinity && count < most; count++) {
      following = laid(steps, { ways: [part(steps, following), next] });
    }
    for (let count = 0; count < least; count++) following = part(steps, following);
    return following;
  };
}

class Reader {
  private readonly signs: readonly string[];
  private at = 0;
  private flags = "";

  constructor(pattern: string) {
    this.signs = [...pattern];
  }

  whole(): Part {
    const part = this.branches();
    if (this.at < this.signs.length) throw new Unread();
    return part;
  }

  private next(): string {
    const sign = this.signs[this.at++];
    if (sign === undefined) throw new Unread();
    return sign;
  }

  private comes(text: string): boolean {
    if (this.signs.slice(this.at, this.at + text.length).join("") !== text) return false;
    this.at += text.length;
    return true;
  }

  /** Reads what an expression fits here; nothing is read when it does not. */
  private fits(expression: RegExp): RegExpExecArray | null {
    const found = expression.exec(this.signs.slice(this.at, this.at + 40).join(""));
    if (found !== null) this.at += [...found[0]].length;
    return found;
  }

  private branches(): Part {
    const branches = [this.branch()];
    while (this.comes("|")) branches.push(this.branch());
    if (branches.length === 1) return branches[0]!;
    return (steps, next) => laid(steps, { ways: branches.map((branch) => branch(steps, next)) });
  }

  private branch(): Part {
    const parts: Part[] = [];
    while (this.at < this.signs.length && !"|)".includes(this.signs[this.at]!)) parts.push(this.quantified());
    return sequence(parts);
  }

  private quantified(): Part {
    let part = this.atom();
    const counts = this.fits(/^(?:[*+?]|\{(\d+)(,?)(\d*)\})/);
    if (counts !== null) {
      const [sign, from, comma, to] = counts;
      const least = from === undefined ? Number(sign === "+") : Number(from);
      const most = from === undefined ? (sign === "?" ? 1 : Infinity) : to ? Number(to) : comma ? Infinity : least;
      if (most < least || least > 1_000 || (most > 1_000 && most !== Infinity)) throw new Unread();
      part = repeated(part, least, most);
      this.comes("?");
      // Two counts behind one another are refused by one language and read by the other.
      if (this.at < this.signs.length && "*+?".includes(this.signs[this.at]!)) throw new Unread();
      if (this.fits(/^\{\d+,?\d*\}/) !== null) throw new Unread();
    }
    return part;
  }

  private atom(): Part {
    const sign = this.next();
    switch (sign) {
      case "(":
        return this.group();
      case "[":
        return eating(this.signClass());
      case ".":
        return eating(this.flags.includes("s") ? () => true : (code) => code !== newline);
      case "^":
        return this.flags.includes("m") ? standing((before) => before === undefined || before === newline) : standing(atBegin);
      case "$":
        return this.flags.includes("m") ? standing((_, after) => after === undefined || after === newline) : standing(atEnd);
      case "\\":
        return this.escaped();
      case "*":
      case "+":
      case "?":
      case ")":
        throw new Unread();
    }
    return this.literal(sign.codePointAt(0)!);
  }

  private literal(code: number): Part {
    return eating(within([[code, code]], this.flags.includes("i")));
  }

  private group(): Part {
    const outside = this.flags;
    if (this.comes("?")) {
      const name = this.fits(/^P?<[A-Za-z_]\w*>/);
      const found = name === null ? this.fits(/^([imsU]*)(?:-([imsU]+))?([:)])/) : null;
      if (name === null && found === null) throw new Unread();
      if (found !== null) {
        const [, on = "", off = "", end] = found;
        this.flags = [...outside, ...on].filter((flag) => !off.includes(flag)).join("");
        if (end === ")") return sequence([]);
      }
    }
    const part = this.branches();
    if (!this.comes(")")) throw new Unread();
    this.flags = outside;
    return part;
  }

  private escaped(): Part {
    const sign = this.next();
    if (sign === "b") return standing((before, after) => isWord(before) !== isWord(after));
    if (sign === "B") return standing((before, after) => isWord(before) === isWord(after));
    if (sign === "A") return standing(atBegin);
    if (sign === "z") return standing(atEnd);
    return this.groupOf(sign) ?? this.literal(this.codeOf(sign));
  }

  private groupOf(sign: string): Part | null {
    const test = this.groupTest(sign);
    return test === null ? null : eating(test);
  }

  private groupTest(sign: string): Test | null {
    const ranges = Object.hasOwn(groups, sign.toLowerCase()) ? groups[sign.toLowerCase()]! : null;
    if (ranges === null) return null;
    const test = within(ranges, this.flags.includes("i"));
    return sign === sign.toLowerCase() ? test : (code) => !test(code);
  }

  /** Returns the sign that a backslash and another one stand for. */
  private codeOf(sign: string): number {
    if (Object.hasOwn(controls, sign)) return controls[sign]!;
    if (sign === "x") {
      const [, inBraces, two] = this.fits(/^(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))/) ?? [];
      const code = Number.parseInt(inBraces ?? two ?? "", 16);
      if (!(code <= 0x10ffff)) throw new Unread();
      return code;
    }
    if (!/^[!-/:-@[-`{-~]$/.test(sign)) throw new Unread();
    return sign.codePointAt(0)!;
  }

  private signClass(): Test {
    const inverted = this.comes("^");
    const tests: Test[] = [];
    const ranges: Range[] = [];
    for (let first = true; first || this.signs[this.at] !== "]"; first = false) {
      const group = this.groupInClass();
      if (group !== null) {
        tests.push(group);
        continue;
      }
      const from = this.signInClass();
      const isRange = this.signs[this.at] === "-" && this.signs[this.at + 1] !== "]";
      if (isRange) this.at++;
      const to = isRange ? this.signInClass() : from;
      if (to < from) throw new Unread();
      ranges.push([from, to]);
    }
    this.at++;
    if (ranges.length > 0) tests.push(within(ranges, this.flags.includes("i")));
    return (code) => tests.some((test) => test(code)) !== inverted;
  }

  private groupInClass(): Test | null {
    const found = this.fits(/^\[:(\^?)(\w+):\]/);
    if (found !== null) {
      const ranges = Object.hasOwn(named, found[2]!) ? named[found[2]!]! : null;
      if (ranges === null) throw new Unread();
      const test = within(ranges, this.flags.includes("i"));
      return found[1] ? (code) => !test(code) : test;
    }
    if (this.signs[this.at] !== "\\") return null;
    const test = this.groupTest(this.signs[this.at + 1] ?? "");
    if (test !== null) this.at += 2;
    return test;
  }

  private signInClass(): number {
    const sign = this.next();
    return sign === "\\" ? this.codeOf(this.next()) : sign.codePointAt(0)!;
  }
}

function standing(holds: Assertion): Part {
  return (steps, next) => laid(steps, { holds, ways: [next] });
}

function atBegin(before: number | undefined): boolean {
  return before === undefined;
}

function atEnd(_: number | undefined, after: number | undefined): boolean {
  return after === undefined;
}

/** Returns what tells whether a whole text has the shape of a part. */
export function whole(part: Part): (text: string) => boolean {
  const steps: Step[] = [{ ways: [] }];
  const first = part(steps, 0);
  return (text) => {
    const codes = Array.from(text, (sign) => sign.codePointAt(0)!);
    let here = reached(steps, [first], undefined, codes[0]);
    for (let at = 0; at < codes.length && here.size > 0; at++) {
      const fitting = [...here].filter((step) => steps[step]!.eats?.(codes[at]!));
      here = reached(steps, fitting.map((step) => steps[step]!.ways[0]!), codes[at], codes[at + 1]); // prettier-ignore
    }
    return here.has(0);
  };
}

/** Returns all steps to which one comes without eating a sign. */
function reached(steps: readonly Step[], from: readonly number[], before?: number, after?: number): Set<number> {
  const found = new Set<number>();
  const open = [...from];
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    if (found.has(number)) continue;
    found.add(number);
    const { eats, holds, ways } = steps[number]!;
    if (eats === undefined && (holds === undefined || holds(before, after))) open.push(...ways);
  }
  return found;
}

/** Returns what tells whether a whole text has the shape of a pattern; throws `Unread`. */
export function shape(pattern: string): (text: string) => boolean {
  return whole(new Reader(pattern).whole());
}
