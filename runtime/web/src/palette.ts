/** The command palette (Ctrl+K): go, create, do, switch, and records as one types. */
import { all, dialogIsOpen, on } from "./dom.ts";
import { askJson, askJsonQuietly } from "./http.ts";
import { icon, Listbox, troubleOf, type Group, type Item } from "./listbox.ts";
import { keep, read } from "./local.ts";
import { match } from "./match.ts";
import { openOver } from "./over.ts";
import { openQuick } from "./quick.ts";
import { seenLately } from "./recent.ts";

interface Entry extends Item {
  readonly kind: "go" | "create" | "app";
}
interface Found {
  readonly groups: readonly { label: string; icon: string; records: readonly Item[]; more: string }[];
  readonly following: readonly Item[];
}
interface Scored {
  readonly item: Item;
  readonly group: string;
  readonly score: number;
}

const PAUSE_MILLISECONDS = 90;
const USED = "used";
const HINTS = "kbd, .k-vh, .k-badge";
const EACH = 6;
const RECORD_SCORE = 80;

let entries: readonly Entry[] | null = null;

async function loadEntries(): Promise<void> {
  const answer = await askJson<{ entries: Entry[] }>(`/palette/entries?v=${document.body.dataset["palette"] ?? ""}`);
  if (answer !== null) entries = answer.entries;
}

function isShown(element: HTMLElement): boolean {
  // Where an element lies is not asked for: the browser would have to lay out what is folded.
  return element.closest("details[data-menu]") !== null || element.checkVisibility();
}

function ownText(element: HTMLElement): string {
  if (element.querySelector(HINTS) === null) return element.textContent!;
  const copy = element.cloneNode(true) as HTMLElement;
  for (const hint of copy.querySelectorAll(HINTS)) hint.remove();
  return copy.textContent!;
}

function words(element: HTMLElement): string {
  const text = element.dataset["command"] ?? element.dataset["keyLabel"] ?? (ownText(element).trim() || element.getAttribute("aria-label") || "");
  return text.replace(/\s+/g, " ").trim();
}

/** Finds what this page offers: its buttons and links that act, and what the frame marks as a command. */
function actionsHere(): Item[] {
  const found = new Map<string, Item>();
  const here = "main :is(a, button):is(.btn, [data-key], .k-pop *), [data-command]";
  for (const element of all(document, here)) {
    if (element.closest("tbody, [data-cards], dialog, [data-toast], .k-errsum, .k-pager, form.k-bulk") !== null || !isShown(element)) continue;
    if (element.matches("form[method=get] button, form:not([method]) button, [data-rows] button")) continue;
    if (element.matches(":disabled, [aria-disabled=true], [data-dialog-close], [data-palette-skip]")) continue;
    const label = words(element);
    if (label === "" || found.has(label)) continue;
    const keys = element.dataset["key"]?.toUpperCase();
    found.set(label, {
      label, everywhere: element.hasAttribute("data-command"), icon: element.querySelector("svg.k-i")?.outerHTML ?? icon("bolt"), act: () => element.click(),
      ...(keys ? { keys } : {}),
    });
  }
  return [...found.values()];
}

class Palette {
  private readonly dialog = document.createElement("dialog");
  private readonly input = document.createElement("input");
  private readonly box: Listbox;
  private actions: Item[] = [];
  private recent: readonly Item[] = [];
  private trouble = "";
  private found: Found | null = null;
  private timer = 0;
  private isFilled = false;
  /** Whether Enter was pressed before anything to choose had come. */
  private isEntered = false;
  private request: AbortController | null = null;

  constructor() {
    const list = document.createElement("div");
    list.id = "k-palette-list";
    list.className = "k-menu k-pal-list";
    list.setAttribute("aria-label", "Results");
    this.input.type = "text";
    this.input.spellcheck = false;
    this.input.autofocus = true;
    this.input.setAttribute("aria-label", "Go to, create or do");
    this.input.placeholder = "Go to, create or do";
    const head = document.createElement("div");
    head.className = "in";
    head.innerHTML = `${icon("search")}<button type="button" class="btn btn-ghost btn-sm" data-dialog-close><kbd class="k-kbd">Esc</kbd><span class="k-phone-only">${icon("x")}</span><span class="k-vh">Close</span></button>`;
    head.querySelector("svg")!.after(this.input);
    const foot = document.createElement("footer");
    foot.className = "k-hide-phone";
    foot.setAttribute("aria-hidden", "true");
    foot.innerHTML = '<span><kbd class="k-kbd">↑</kbd> <kbd class="k-kbd">↓</kbd> choose</span><span><kbd class="k-kbd">Ctrl ↵</kbd> new tab</span>' +
      '<span class="k-sp"></span><span><kbd class="k-kbd">&gt;</kbd> commands only</span>';
    this.dialog.className = "k-dialog k-pal";
    this.dialog.setAttribute("aria-label", "Commands");
    this.dialog.append(head, list, foot);
    document.body.append(this.dialog);
    this.box = new Listbox(this.input, list, (item, newTab) => this.run(item, newTab), true);
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.dialog.addEventListener("close", () => {
      this.isEntered = false;
      this.request?.abort();
    });
  }

  open(): void {
    if (this.dialog.open || dialogIsOpen()) return;
    this.actions = [];
    this.found = null;
    this.isFilled = this.isEntered = false;
    this.input.value = "";
    this.box.reset();
    this.box.show([]);
    openOver(this.dialog);
    // The input is on screen first, then what can be chosen: looking through a long page takes longer than a frame.
    requestAnimationFrame(() => window.setTimeout(() => this.fill()));
  }

  private fill(): void {
    if (!this.dialog.open || this.isFilled) return;
    this.isFilled = true;
    this.actions = actionsHere();
    this.draw();
    if (entries === null) void loadEntries().then(() => this.draw());
    if (seenLately().length > 0) void this.loadRecent();
  }

  private async loadRecent(): Promise<void> {
    const answer = await askJson<{ records: Item[] }>(`/palette/recent?recent=${seenLately().join(",")}`);
    const here = window.location.pathname;
    this.recent = (answer?.records ?? []).filter((item) => item.url !== here);
    if (this.dialog.open && this.input.value === "") this.draw();
  }

  private press(event: KeyboardEvent): void {
    // Whoever knows the words types them and Enter faster than the list is drawn; letters can wait for it.
    if (event.key.length > 1) this.fill();
    if (this.box.press(event) || event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    this.isEntered = true;
  }

  private typed(): void {
    this.isEntered = false;
    this.box.reset();
    this.trouble = "";
    const text = this.input.value.trim();
    if (text === "" || text.startsWith(">")) this.found = null;
    this.draw();
    window.clearTimeout(this.timer);
    this.request?.abort();
    if (text === "" || text.startsWith(">")) return;
    this.timer = window.setTimeout(() => void this.search(text), PAUSE_MILLISECONDS);
  }

  private async search(text: string): Promise<void> {
    const request = (this.request = new AbortController());
    const path = `/palette/search?q=${encodeURIComponent(text)}&recent=${seenLately().join(",")}`;
    const { answer, value } = await askJsonQuietly<Found>(path, request.signal);
    if (request.signal.aborted || !this.dialog.open) return;
    this.found = value;
    this.trouble = value ? "" : `${troubleOf(answer)} Commands still work.`;
    this.draw();
  }

  private draw(): void {
    if (!this.isFilled) return;
    const typed = this.input.value.trim();
    if (typed === "") this.box.show(this.atRest());
    else this.box.show(this.fitting(typed), this.found === null && !typed.startsWith(">") ? "" : "Nothing fits. Fewer letters find more.", this.trouble);
    if (this.isEntered && this.box.take(false)) this.isEntered = false;
  }

  private atRest(): Group[] {
    const known = entries ?? [];
    const used = read<Record<string, number>>(USED, {});
    const often = known.filter((item) => item.kind === "go").sort((a, b) => (used[b.url ?? ""] ?? 0) - (used[a.url ?? ""] ?? 0));
    return [
      { label: "Recent", items: this.recent.slice(0, EACH) },
      { label: "On this page", items: this.actions.filter((item) => !item.everywhere).slice(0, EACH) },
      { label: "Create", items: known.filter((item) => item.kind === "create").slice(0, EACH) },
      { label: "Go to", items: often.slice(0, EACH + 2) },
    ];
  }

  private fitting(typed: string): Group[] {
    const only = typed.startsWith(">");
    const text = only ? typed.slice(1).trim() : typed;
    const used = read<Record<string, number>>(USED, {});
    const scored: Scored[] = [];
    const add = (item: Item, group: string) => {
      const fits = match(text, item.label);
      if (fits === null) return;
      scored.push({ item: { ...item, places: fits.places }, group, score: fits.score + Math.min(5, used[item.url ?? item.label] ?? 0) });
    };
    for (const item of this.actions) add(item, "Do");
    for (const item of entries ?? []) {
      if (item.kind === "go" && !only) add(item, "Go to");
      if (item.kind !== "go") add(item, item.kind === "app" ? "Switch" : "Do");
    }
    scored.sort((a, b) => b.score - a.score);
    const groups = new Map<string, Item[]>();
    const best = new Map<string, number>();
    for (const one of scored) {
      const items = groups.get(one.group) ?? [];
      if (items.length < EACH) items.push(one.item);
      groups.set(one.group, items);
      best.set(one.group, Math.max(best.get(one.group) ?? 0, one.score));
    }
    if (!only) this.addRecords(groups, best);
    return [...groups].sort((a, b) => best.get(b[0])! - best.get(a[0])!).map(([label, items]) => ({ label, items }));
  }

  private addRecords(groups: Map<string, Item[]>, best: Map<string, number>): void {
    const records = (this.found?.groups ?? []).flatMap((group) => group.records.map((record) => ({ ...record, icon: group.icon })));
    records.sort((a, b) => Number(b.named ?? false) - Number(a.named ?? false));
    if (records.length > 0) {
      groups.set("Records", records.slice(0, EACH + 2));
      best.set("Records", RECORD_SCORE);
    }
    const following = this.found?.following ?? [];
    if (following.length > 0) {
      groups.set("Do", [...(groups.get("Do") ?? []), ...following]);
      best.set("Do", Math.max(best.get("Do") ?? 0, RECORD_SCORE - 1));
    }
  }

  private run(item: Item, newTab: boolean): void {
    const name = item.url ?? item.label;
    const used = read<Record<string, number>>(USED, {});
    keep(USED, { ...used, [name]: Math.min(50, (used[name] ?? 0) + 1) });
    this.dialog.close();
    if (item.act !== undefined) item.act();
    else if (item.url !== undefined && newTab) window.open(item.url, "_blank", "noopener");
    else if (item.url !== undefined && item.quick) void openQuick(item.url);
    else if (item.url !== undefined) window.location.assign(item.url);
  }
}

/** Opens with Ctrl+K or `[data-palette-open]`, which is a link to the search for browsers without script. */
export function startPalette(): void {
  if (!document.body.dataset["palette"]) return;
  let palette: Palette | null = null;
  const open = () => (palette ??= new Palette()).open();
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  on("click", "[data-palette-open]", (_, event) => {
    event.preventDefault();
    open();
  });
  for (const name of ["pointerenter", "focusin"]) {
    document.querySelector("[data-palette-open]")?.addEventListener(name, () => entries ?? void loadEntries(), { once: true });
  }
}
