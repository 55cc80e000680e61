/** A grouped listbox under a text input: an ARIA combobox for the palette and the search box. */
import { markedParts } from "./match.ts";

export interface Item {
  readonly label: string;
  /** The label with marks, escaped by the server. */
  readonly marked?: string;
  /** Places in the label to mark, where the browser matched it. */
  readonly places?: ReadonlySet<number>;
  /** Quieter words after the label. */
  readonly hint?: string;
  /** The same with marks, escaped by the server. */
  readonly context?: string;
  /** The markup of an icon, made by the server or by `icon()`. */
  readonly icon?: string;
  readonly keys?: string;
  readonly url?: string;
  readonly quick?: boolean;
  /** Whether the words stand in the title of a record. */
  readonly named?: boolean;
  /** Whether it is on every page. */
  readonly everywhere?: boolean;
  readonly act?: () => void;
}

export interface Group {
  readonly label: string;
  readonly items: readonly Item[];
}

/** Draws an icon of the interface's own sprite. */
export function icon(name: string): string {
  const known = document.querySelector("svg use[href*='icons']")?.getAttribute("href")?.split("#")[0] ?? "";
  return `<svg class="k-i" aria-hidden="true"><use href="${known}#${name}"/></svg>`;
}

/** Says what went wrong with a list to people who look elsewhere or cannot see it; blank says nothing. */
export function announcer(after: HTMLElement): (text: string) => void {
  const status = Object.assign(document.createElement("span"), { className: "k-vh", role: "status" });
  after.after(status);
  return (text) => {
    if (status.textContent !== text) status.textContent = text;
  };
}

/** What a list that could not be fetched says: whether the network or the server is at fault. */
export function troubleOf(answer: Response | null): string {
  if (answer === null) return navigator.onLine ? "The server cannot be reached." : "You are offline.";
  return answer.status === 429 ? "This was asked too often. Wait a moment." : "The server could not look this up.";
}

function span(className: string, parts: (string | Node)[] | string): HTMLElement {
  const element = document.createElement("span");
  element.className = className;
  // Only markup that the server escaped comes as one text; everything else is added as text.
  if (typeof parts === "string") element.innerHTML = parts;
  else element.append(...parts);
  return element;
}

const drawings = new Map<string, DocumentFragment>();

/** Returns a drawing; the same ones come again with every letter that is typed, and are read once. */
function drawing(markup: string): Node {
  let known = drawings.get(markup);
  if (known === undefined) {
    const template = document.createElement("template");
    template.innerHTML = markup;
    drawings.set(markup, (known = template.content));
  }
  return known.cloneNode(true);
}

/** Keeps the options of one list: draws them, moves among them, tells which one is chosen. */
export class Listbox {
  private items: Item[] = [];
  private active = -1;
  private moved = false;
  private isScrolled = false;
  private readonly announce: (text: string) => void;

  constructor(
    private readonly input: HTMLInputElement,
    readonly list: HTMLElement,
    private readonly choose: (item: Item, newTab: boolean) => void,
    private readonly firstIsActive: boolean,
  ) {
    list.role = "listbox";
    this.announce = announcer(list);
    input.role = "combobox";
    input.autocomplete = "off";
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);
    // The list must not take the focus, or leaving the input would close it before the click arrives.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("scroll", () => (this.isScrolled = list.scrollTop > 0), { passive: true });
    list.addEventListener("click", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      const item = option ? this.items[Number(option.dataset["index"])] : undefined;
      if (item !== undefined) this.choose(item, event.ctrlKey || event.metaKey);
    });
  }

  get isOpen(): boolean {
    return !this.list.hidden;
  }

  get count(): number {
    return this.items.length;
  }

  /** Draws groups, and what went wrong under them; an option that the person moved to stays the active one. */
  show(groups: readonly Group[], none = "", trouble = ""): void {
    const before = this.moved ? this.items[this.active] : undefined;
    this.items = groups.flatMap((group) => group.items);
    let index = 0;
    const drawn = groups.filter((group) => group.items.length > 0).map((group) => {
      const box = document.createElement("div");
      box.role = "group";
      box.setAttribute("aria-label", group.label);
      const head = span("h", [group.label]);
      head.role = "presentation";
      box.append(head, ...group.items.map((item) => this.draw(item, index++)));
      return box;
    });
    this.list.replaceChildren(...drawn);
    const words = trouble || (drawn.length === 0 ? none : "");
    if (words !== "") {
      const empty = span(trouble ? "none k-bad" : "none", [words]);
      empty.role = "presentation";
      this.list.append(empty);
    }
    this.announce(trouble);
    this.list.hidden = this.list.childElementCount === 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    const kept = before === undefined ? -1 : this.items.findIndex((item) => item.label === before.label && item.url === before.url);
    this.moved = kept >= 0;
    this.activate(kept >= 0 ? kept : this.firstIsActive && this.items.length > 0 ? 0 : -1);
  }

  close(): void {
    this.list.hidden = true;
    this.moved = false;
    this.activate(-1);
    this.input.setAttribute("aria-expanded", "false");
  }

  /** Forgets where the person was, as when other words are typed. */
  reset(): void {
    this.moved = false;
  }

  /** Handles a key; tells whether it was one of the list's. */
  press(event: KeyboardEvent): boolean {
    const last = this.items.length - 1;
    const moves: Record<string, number> = {
      ArrowDown: this.active >= last ? 0 : this.active + 1,
      ArrowUp: this.active <= 0 ? last : this.active - 1,
      PageDown: Math.min(last, this.active + 8),
      PageUp: Math.max(0, this.active - 8),
    };
    const to = moves[event.key];
    if (to !== undefined && this.isOpen && last >= 0) {
      event.preventDefault();
      this.moved = true;
      this.activate(to);
      return true;
    }
    if (event.key !== "Enter" || event.isComposing || !this.take(event.ctrlKey || event.metaKey)) return false;
    event.preventDefault();
    return true;
  }

  /** Chooses the active option; tells whether there was one. */
  take(newTab: boolean): boolean {
    const chosen = this.isOpen ? this.items[this.active] : undefined;
    if (chosen !== undefined) this.choose(chosen, newTab);
    return chosen !== undefined;
  }

  private activate(index: number): void {
    this.active = index;
    const rows = [...this.list.querySelectorAll<HTMLElement>("[role=option]")];
    rows.forEach((row, at) => {
      row.classList.toggle("is-act", at === index);
      row.setAttribute("aria-selected", String(at === index));
    });
    const row = rows[index];
    if (row === undefined) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    // The first one stands at the top already, and asking for its place would lay the page out once more.
    if (index > 0 || this.isScrolled) row.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", row.id);
  }

  private draw(item: Item, index: number): HTMLElement {
    const row = document.createElement("div");
    row.role = "option";
    row.id = `${this.list.id}-${index}`;
    row.dataset["index"] = String(index);
    row.setAttribute("aria-selected", "false");
    if (item.icon) row.append(drawing(item.icon));
    const words = document.createElement("span");
    words.className = "k-trunc";
    words.dir = "auto";
    words.append(span("t", item.marked ?? markedParts(item.label, item.places ?? new Set())));
    const hint = item.context ?? (item.hint ? [item.hint] : null);
    if (hint !== null) words.append(" ", span("k-3", hint));
    row.append(words);
    if (item.keys) {
      const keys = span("k-row-keys", item.keys.split(" ").map((key) => Object.assign(document.createElement("kbd"), { className: "k-kbd", textContent: key })));
      keys.setAttribute("aria-hidden", "true");
      row.append(keys);
    }
    return row;
  }
}
