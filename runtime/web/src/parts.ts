/** Behaviours in parts: what every page needs comes with it, the rest with what it is for. */

/** Behaviours that belong together: `starts` listen on the document once, `prepares` see each new piece of page. */
export interface Part {
  readonly starts: readonly (() => void)[];
  readonly prepares: readonly ((root: ParentNode) => void)[];
}

/**
 * What brings each further part. The server names those of a page in its head, so that they come at once;
 * this list is for what is put into a page later.
 */
const further: readonly [selector: string, load: () => Promise<unknown>][] = [
  ["table.k-grid, table[data-editable], [data-columns-list], [data-run-auto], [data-run-undo], [data-run-bin]", () => import("./lists.ts")],
  ["[data-board], [data-spans], [data-tree]", () => import("./boards.ts")],
  ["form[data-composer], [data-value], [data-related], .k-paper-bar", loadRecords],
];
const started = new Set<() => void>();
const preparing = new Set<(root: ParentNode) => void>();

/** Loads the behaviours of a record's page, for who is about to show one; what fails to come leaves plain links and forms. */
export function loadRecords(): Promise<unknown> {
  return import("./records.ts").catch(() => undefined);
}

/** Starts a part, and prepares what is on the page. */
export function run(part: Part): void {
  // Some belong to more than one part; whichever comes first starts them.
  for (const start of part.starts) {
    if (started.has(start)) continue;
    started.add(start);
    start();
  }
  for (const prepare of part.prepares) {
    if (preparing.has(prepare)) continue;
    preparing.add(prepare);
    prepare(document);
  }
}

/** Prepares a new piece of page, and fetches the parts that it is the first to need. */
export function prepare(piece: HTMLElement): void {
  for (const behaviour of preparing) behaviour(piece);
  bring(piece);
}

/** Fetches the parts for what is in a piece of page; one that runs already is not fetched again. */
export function bring(piece: ParentNode): void {
  for (const [selector, load] of further) {
    const needed = piece.querySelector(selector) !== null || (piece instanceof Element && piece.matches(selector));
    if (needed) void load().catch(() => undefined); // without it, links and forms do the same
  }
}
