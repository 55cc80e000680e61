/** Type-ahead for lookups: an ARIA combobox over a plain text input, which posts an id from a hidden input beside it. */
import { all, on } from "./dom.ts";
import { askJsonQuietly, askQuietly } from "./http.ts";
import { announcer, icon, troubleOf } from "./listbox.ts";
import { type Created, openQuick } from "./quick.ts";
import { seenLately } from "./recent.ts";

interface Option {
  readonly id: string;
  readonly title: string;
  readonly hint?: string | null;
}

interface Answer {
  readonly data: readonly Option[];
  /** Where a record with these words as its title is made, for people who may. */
  readonly create?: { readonly url: string; readonly label: string } | null;
}

const PAUSE_MILLISECONDS = 150;
let nextList = 1;

/** One input with its list; a multiple one turns each choice into a chip of its own. */
class Lookup {
  private readonly list = document.createElement("div");
  private readonly hidden: HTMLInputElement | null;
  private readonly box: HTMLElement;
  private readonly announce: (text: string) => void;
  private failed = false;
  private options: readonly Option[] = [];
  private create: Answer["create"] = null;
  private active = -1;
  private timer = 0;
  private request: AbortController | null = null;
  private waiting = false;
  private turn = 0;
  private kept: { id: string; title: string };
  private emptied: { id: string; title: string } | null = null;
  private readonly asked: readonly string[];
  private readonly prefix: string;
  private readonly note = document.createElement("p");

  constructor(private readonly input: HTMLInputElement) {
    this.box = input.closest<HTMLElement>(".k-lookup") ?? input.parentElement!;
    this.hidden = this.box.querySelector<HTMLInputElement>("input[data-lookup-value]");
    this.kept = { id: this.hidden?.value ?? "", title: input.value };
    this.asked = (input.dataset["lookupWith"] ?? "").split(/[ ,]+/).filter((name) => name !== "");
    const field = new URL(input.dataset["lookupUrl"]!, window.location.href).pathname.split("/").at(-1)!;
    this.prefix = (this.hidden?.name ?? "").slice(0, -field.length);
    this.note.className = "k-help";
    this.note.role = "status";
    if (this.asked.length > 0 && this.hidden !== null) {
      input.form?.addEventListener("change", (event) => {
        const name = (event.target as HTMLInputElement).name ?? "";
        void this.settle(name.replace(/__text$/, ""));
      });
    }
    this.list.id = `k-lk-${nextList++}`;
    this.list.className = "k-pop k-menu k-lk";
    this.list.role = "listbox";
    this.list.hidden = true;
    this.list.setAttribute("aria-label", input.labels?.[0]?.textContent?.trim() ?? "");
    input.after(this.list);
    this.announce = announcer(this.list);
    input.role = "combobox";
    input.autocomplete = "off";
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", this.list.id);
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.pressed(event));
    input.addEventListener("click", () => this.list.hidden && this.ask());
    input.addEventListener("blur", () => this.close());
    // The list must not take the focus from the input, or the blur would close it before the click arrives.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option !== null) this.choose(Number(option.dataset["index"]));
    });
  }

  private typed(): void {
    // What is typed is no longer the record chosen before; the server reads the text when no id comes along.
    if (this.hidden !== null) this.hidden.value = "";
    window.clearTimeout(this.timer);
    this.waiting = true;
    this.timer = window.setTimeout(() => this.ask(), PAUSE_MILLISECONDS);
  }

  private address(): URL {
    const url = new URL(this.input.dataset["lookupUrl"]!, window.location.href);
    url.searchParams.set("q", this.hidden?.value ? "" : this.input.value.trim());
    if (url.searchParams.get("q") === "") url.searchParams.set("recent", seenLately().join(","));
    this.addAround(url);
    return url;
  }

  /** Tells what the form holds in the fields that the choice depends on, and which saved record it is about. */
  private addAround(url: URL): void {
    const form = this.input.form;
    if (form === null || this.asked.length === 0) return;
    const data = new FormData(form);
    for (const name of this.asked) {
      const value = data.get(data.has(name) ? name : this.prefix + name);
      if (typeof value === "string") url.searchParams.set(`with.${name}`, value);
    }
    // A form that changes many records is about those of its run.
    const run = /\/runs\/([0-9a-z]{20})\//.exec(new URL(form.action).pathname)?.[1];
    if (run !== undefined) url.searchParams.set("run", run);
    const saved = data.get(`${this.prefix}_id`) ?? /^\/e\/[^/]+\/([0-9a-z]{20})\//.exec(new URL(form.action).pathname)?.[1];
    if (typeof saved === "string" && saved !== "") url.searchParams.set("record", saved);
  }

  /** Empties a choice that no longer goes with the other fields, and brings it back when it does again. */
  private async settle(changed: string): Promise<void> {
    if (!this.asked.some((name) => changed === name || changed === this.prefix + name)) return;
    const chosen = this.hidden?.value ? { id: this.hidden.value, title: this.input.value } : this.emptied;
    if (chosen === null || this.hidden === null || (this.input.value !== "" && this.hidden.value === "")) return;
    const url = new URL(this.input.dataset["lookupUrl"]!, window.location.href);
    url.searchParams.set("fits", chosen.id);
    this.addAround(url);
    const turn = (this.turn += 1);
    const answer = await askQuietly(url.href, { headers: { Accept: "application/json" } });
    if (answer === null || !answer.ok) return; // offline: whoever saves tells it
    const { fits } = (await answer.json()) as { fits: boolean };
    // Another field was changed, or the choice itself, while the answer was on its way.
    if (turn !== this.turn || (this.hidden.value || this.emptied?.id) !== chosen.id) return;
    if (fits === (this.hidden.value !== "")) return;
    this.emptied = fits ? null : chosen;
    this.kept = fits ? chosen : { id: "", title: "" };
    this.hidden.value = this.kept.id;
    this.input.value = this.kept.title;
    this.note.textContent = fits ? "" : `${chosen.title} does not go with that, so the field was emptied.`;
    if (!this.note.isConnected) this.box.after(this.note);
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private async ask(): Promise<void> {
    this.request?.abort();
    const request = new AbortController();
    this.request = request;
    this.waiting = true;
    const { answer, value: body } = await askJsonQuietly<Answer>(this.address().href, request.signal);
    if (request.signal.aborted) return;
    this.waiting = false;
    if (body === null) return this.fail(`${troubleOf(answer)} What you typed stays and is looked up when you save.`);
    this.create = body.create ?? null;
    this.show(body.data);
  }

  /** Says in the list itself that nothing could be looked up, with a way to try again. */
  private fail(why: string): void {
    this.create = null;
    this.show([]);
    this.failed = true;
    const words = Object.assign(document.createElement("div"), { className: "none k-bad", textContent: why });
    this.list.replaceChildren(words, this.drawLast("refresh", "Try again", 0));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.announce(why);
  }

  private show(options: readonly Option[]): void {
    const moved = this.options[this.active]?.id;
    this.options = options;
    this.active = -1;
    this.failed = false;
    this.announce("");
    const empty = document.createElement("div");
    empty.className = "none";
    empty.textContent = this.input.dataset["lookupNone"] ?? "";
    const rows = options.map((option, index) => this.draw(option, index));
    const none = rows.length > 0 || empty.textContent === "" ? [] : [empty];
    this.list.replaceChildren(...rows, ...none, ...(this.create ? [this.drawLast("plus", this.create.label, rows.length)] : []));
    this.list.hidden = this.list.childElementCount === 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.input.removeAttribute("aria-activedescendant");
    // Where somebody moved to stays the place when more letters bring the same record again.
    const place = options.findIndex((option) => option.id === moved);
    if (place >= 0) this.activate(place);
  }

  private draw(option: Option, index: number): HTMLElement {
    const row = document.createElement("div");
    row.role = "option";
    row.id = `${this.list.id}-${index}`;
    row.dataset["index"] = String(index);
    row.setAttribute("aria-selected", "false");
    const text = document.createElement("span");
    text.className = "k-trunc";
    text.append(...marked(option.title, this.input.value.trim()));
    row.append(text);
    if (option.hint) {
      const hint = document.createElement("span");
      hint.className = "k-3 k-trunc";
      hint.textContent = option.hint;
      row.append(hint);
    }
    return row;
  }

  /** Draws what stands under the matches: a way to make a new record, or to ask again. */
  private drawLast(sign: string, label: string, index: number): HTMLElement {
    const row = document.createElement("div");
    row.role = "option";
    row.className = "new";
    row.id = `${this.list.id}-${index}`;
    row.dataset["index"] = String(index);
    row.setAttribute("aria-selected", "false");
    const keys = sign === "plus" ? '<kbd class="k-kbd" aria-hidden="true">Ctrl ↵</kbd>' : "";
    row.innerHTML = `${icon(sign)}<span class="k-trunc"></span>${keys}`;
    row.querySelector("span")!.textContent = label;
    return row;
  }

  private make(): void {
    if (!this.create) return;
    const url = this.create.url;
    this.close();
    void openQuick(url, (made: Created) => this.take({ id: made.id, title: made.title }));
  }

  private pressed(event: KeyboardEvent): void {
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) void this.ask();
      else this.activate(this.active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && event.ctrlKey && open && this.create) {
      event.preventDefault();
      event.stopPropagation();
      this.make();
    } else if (event.key === "Enter" && (open || this.waiting)) {
      // With the list open, or on its way, it is an answer to the list: a form is never sent by it.
      event.preventDefault();
      if (!open) return;
      if (this.active >= 0) this.choose(this.active);
      else this.close();
    } else if (event.key === "Tab" && open && this.active >= 0) {
      this.choose(this.active);
    } else if (event.key === "Escape" && (open || this.input.value !== this.kept.title)) {
      event.preventDefault();
      event.stopPropagation();
      this.restore();
    }
  }

  private activate(index: number): void {
    const rows = all(this.list, "[role=option]");
    if (rows.length === 0) return;
    this.active = (index + rows.length) % rows.length;
    rows.forEach((row, at) => {
      row.classList.toggle("is-act", at === this.active);
      row.setAttribute("aria-selected", String(at === this.active));
    });
    rows[this.active]!.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", rows[this.active]!.id);
  }

  private choose(index: number): void {
    if (this.failed) return void this.ask();
    if (index === this.options.length) return this.make();
    const option = this.options[index];
    if (option !== undefined) this.take(option);
  }

  private take(option: Option): void {
    this.close();
    this.emptied = null;
    this.note.textContent = "";
    const token = this.box.querySelector<HTMLTemplateElement>("template[data-lookup-token]");
    if (token !== null) {
      this.addToken(token, option);
    } else {
      this.input.value = option.title;
      if (this.hidden !== null) this.hidden.value = option.id;
      this.kept = { id: option.id, title: option.title };
    }
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private addToken(template: HTMLTemplateElement, option: Option): void {
    this.input.value = "";
    const tokens = this.box.querySelector<HTMLElement>("[data-lookup-tokens]");
    const chosen = all<HTMLInputElement>(tokens ?? this.box, "input[type=hidden]").map((input) => input.value);
    if (tokens === null || chosen.includes(option.id)) return;
    const chip = template.content.cloneNode(true) as DocumentFragment;
    chip.querySelector("[data-lookup-title]")!.textContent = option.title;
    chip.querySelector<HTMLInputElement>("input")!.value = option.id;
    tokens.append(chip);
  }

  private restore(): void {
    this.input.value = this.kept.title;
    if (this.hidden !== null) this.hidden.value = this.kept.id;
    this.close();
  }

  private close(): void {
    window.clearTimeout(this.timer);
    this.request?.abort();
    this.waiting = false;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

/** Splits a title into text and the parts that match what was typed, each in a `<mark>`. */
function marked(title: string, typed: string): (string | HTMLElement)[] {
  const at = typed === "" ? -1 : title.toLocaleLowerCase().indexOf(typed.toLocaleLowerCase());
  if (at < 0) return [title];
  const mark = document.createElement("mark");
  mark.textContent = title.slice(at, at + typed.length);
  return [title.slice(0, at), mark, title.slice(at + typed.length)];
}

/** Gives each `input[data-lookup-url]` below `root` its list, once. */
export function prepareLookups(root: ParentNode): void {
  for (const input of all<HTMLInputElement>(root, "input[data-lookup-url]:not([role=combobox])")) new Lookup(input);
}

/** Lets the small cross on a chip take the choice back. */
export function startLookups(): void {
  on("click", "[data-lookup-remove]", (button, event) => {
    event.preventDefault();
    const input = button.closest(".k-lookup")?.querySelector<HTMLInputElement>("input[data-lookup-url]");
    button.closest(".k-chip")?.remove();
    input?.dispatchEvent(new Event("change", { bubbles: true }));
    input?.focus();
  });
}
