/** What this browser keeps for the person who is signed in. Nothing of it is read for anybody else. */

const MARK = "kith:";

/** The id of the person who is signed in; empty on pages for visitors. */
export function person(): string {
  return document.body.dataset["person"] ?? "";
}

/** The key under which something of this person is kept. */
export function keyOf(name: string): string {
  return `${MARK}${person()}:${name}`;
}

/** Runs something on the browser's storage; a browser that keeps nothing gives `instead`. */
function tried<Value>(work: () => Value, instead: Value): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof DOMException || error instanceof SyntaxError) return instead;
    throw error;
  }
}

/** Reads what was kept under a name. */
export function read<Value>(name: string, instead: Value): Value {
  if (person() === "") return instead;
  return tried(() => {
    const text = window.localStorage.getItem(keyOf(name));
    return text === null ? instead : (JSON.parse(text) as Value);
  }, instead);
}

/** Keeps something under a name; `undefined` forgets it. Returns whether the browser could. */
export function keep(name: string, value: unknown): boolean {
  if (person() === "") return false;
  return tried(() => {
    if (value === undefined) window.localStorage.removeItem(keyOf(name));
    else window.localStorage.setItem(keyOf(name), JSON.stringify(value));
    return true;
  }, false);
}

/** Lists the names of this person that begin with a text. */
export function names(beginning: string): string[] {
  const start = keyOf(beginning);
  return tried(() => Object.keys(window.localStorage).filter((key) => key.startsWith(start)), [])
    .map((key) => key.slice(keyOf("").length));
}

/** Forgets everything of this person, as when they sign out. */
export function forgetAll(): void {
  for (const name of names("")) keep(name, undefined);
}
