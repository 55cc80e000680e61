/** The search box in the top bar: what was searched and seen lately, and records by entity as one types. */
import { all } from "./dom.ts";
import { askJson, askJsonQuietly } from "./http.ts";
import { icon, Listbox, troubleOf, type Group, type Item } from "./listbox.ts";
import { keep, read } from "./local.ts";
import { seenLately } from "./recent.ts";

interface Found {
  readonly groups: readonly { label: string; icon: string; records: readonly Item[]; more: string; all: string }[];
}

const PAUSE_MILLISECONDS = 90;
const NAME = "searches";
const MOST = 5;

function searches(): string[] {
  return read<string[]>(NAME, []).filter((item) => typeof item === "string");
}

function note(text: string): void {
  if (text !== "") keep(NAME, [text, ...searches().filter((other) => other !== text)].slice(0, MOST));
}

class SearchBox {
  private readonly box: Listbox;
  private readonly form: HTMLFormElement;
  private timer = 0;
  private request: AbortController | null = null;

  constructor(private readonly input: HTMLInputElement) {
    this.form = input.form!;
    const list = document.createElement("div");
    list.id = "k-search-list";
    list.className = "k-pop k-menu k-found";
    list.hidden = true;
    list.setAttribute("aria-label", "Found");
    this.form.append(list);
    this.box = new Listbox(input, list, (item, newTab) => this.run(item, newTab), false);
    input.addEventListener("focus", () => void this.typed(0));
    input.addEventListener("input", () => void this.typed(PAUSE_MILLISECONDS));
    input.addEventListener("blur", () => this.box.close());
    input.addEventListener("keydown", (event) => this.pressed(event));
    this.form.addEventListener("submit", () => note(input.value.trim()));
  }

  private pressed(event: KeyboardEvent): void {
    if (this.box.press(event)) return;
    if (event.key !== "Escape") return;
    event.preventDefault();
    // What is still on its way must not open it again.
    window.clearTimeout(this.timer);
    this.request?.abort();
    if (this.box.isOpen) this.box.close();
    else this.input.blur();
  }

  private async typed(pause: number): Promise<void> {
    window.clearTimeout(this.timer);
    this.request?.abort();
    this.box.reset();
    const text = this.input.value.trim();
    this.timer = window.setTimeout(() => void (text === "" ? this.showRecent() : this.showFound(text)), pause);
  }

  private async showRecent(): Promise<void> {
    const before = searches().map((text): Item => ({ label: text, icon: icon("history"), url: `/search?q=${encodeURIComponent(text)}` }));
    const draw = (records: readonly Item[]) => this.box.show([{ label: "Searched lately", items: before }, { label: "Seen lately", items: records.slice(0, 6) }]);
    draw([]);
    if (seenLately().length === 0) return;
    const answer = await this.answer<{ records: Item[] }>(`/palette/recent?recent=${seenLately().join(",")}`);
    if (answer !== null) draw(answer.records);
  }

  private async showFound(text: string): Promise<void> {
    const request = (this.request = new AbortController());
    const path = `/palette/search?q=${encodeURIComponent(text)}&recent=${seenLately().join(",")}`;
    const { answer: sent, value: answer } = await askJsonQuietly<Found>(path, request.signal);
    if (request.signal.aborted || document.activeElement !== this.input) return;
    if (answer === null) return this.box.show([], "", `${troubleOf(sent)} Press Enter to search on a page of its own.`);
    const groups: Group[] = answer.groups.map((group) => ({
      label: group.label,
      items: [
        ...group.records.map((record) => ({ ...record, icon: group.icon })),
        ...(group.more === "" ? [] : [{ label: group.all, icon: icon("arrow-right"), url: group.more }]),
      ],
    }));
    groups.push({ label: "Everywhere", items: [{ label: `Search all records for “${text}”`, icon: icon("search"), url: `/search?q=${encodeURIComponent(text)}` }] });
    this.box.show(groups);
  }

  private async answer<Value>(path: string): Promise<Value | null> {
    const request = (this.request = new AbortController());
    try {
      const found = await askJson<Value>(path, request.signal);
      return request.signal.aborted || document.activeElement !== this.input ? null : found;
    } catch (error) {
      if (!(error instanceof DOMException || error instanceof TypeError)) throw error; // offline: the form can still be sent later
      return null;
    }
  }

  private run(item: Item, newTab: boolean): void {
    note(this.input.value.trim());
    this.box.close();
    if (newTab) window.open(item.url, "_blank", "noopener");
    else window.location.assign(item.url!);
  }
}

/** Gives each `input[data-search]` its list. */
export function startSearch(): void {
  for (const input of all<HTMLInputElement>(document, "input[data-search]")) new SearchBox(input);
}
