/** A form that reacts as one types: what is shown, required, locked, offered and worked out follows from its inputs. */
import { all } from "../dom.ts";
import { showDate } from "../dates.ts";
import { type Node, type Run, Unsupported, calls, common, compiled } from "./compile.ts";
import type { Family } from "./family.ts";
import { type Signs, fixed, inputText, inputValue } from "./inputs.ts";
import { type RowsPlan, Table } from "./rows.ts";
import { type Environment, EvaluationError, Found, Money, Moment, type Type, type Value } from "./values.ts";
import { type Wire, decodeAll, readDay, readMoment } from "./wire.ts";

/** What the server says of a form: the trees, the types of the inputs, and the values that are no inputs. */
interface Plan {
  readonly fields: Readonly<Record<string, Type>>;
  readonly held: Readonly<Record<string, Wire>>;
  readonly now: string;
  readonly today: string;
  readonly time_zone: string;
  readonly me: Readonly<Record<string, Wire>>;
  readonly signs: Signs;
  readonly former: Readonly<Record<string, Wire>> | null;
  readonly roles: readonly string[];
  readonly settings: Readonly<Record<string, Wire>>;
  readonly show: Readonly<Record<string, Node>>;
  readonly required: Readonly<Record<string, Node>>;
  readonly locked: Readonly<Record<string, Node>>;
  readonly offered: Readonly<Record<string, Readonly<Record<string, Node>>>>;
  readonly formulas: Readonly<Record<string, Shown>>;
  readonly defaults: Readonly<Record<string, Shown>>;
  readonly actions: readonly Action[];
  readonly rows: Readonly<Record<string, RowsPlan>>;
}

/** What a rule sets while its condition holds; with `blank` only where nothing stands. */
interface Action extends Shown {
  readonly name: string;
  readonly when: Node | null;
  readonly blank: boolean;
}

/** A value that is worked out: its digits after the point, and what stands around an amount of each currency. */
export interface Shown {
  readonly tree: Node;
  readonly scale: number;
  readonly around?: Readonly<Record<string, readonly [string, string]>>;
}

type Effect = (record: Found, environment: Environment) => void;

const controls = "input:not([type=hidden]), select, textarea";

class ReactingForm {
  private readonly form: HTMLFormElement;
  private readonly plan: Plan;
  private readonly known: Family;
  private readonly held: Readonly<Record<string, Value>>;
  private readonly me: Readonly<Record<string, Value>>;
  private readonly former: Found | null;
  private readonly settings: Readonly<Record<string, Value>>;
  private readonly effects: Effect[] = [];
  private readonly tables: readonly Table[];
  private readonly touched = new Set<string>();
  private readonly began = performance.now();
  private waiting = false;
  private changed = false;

  constructor(form: HTMLFormElement, plan: Plan, known: Family, early: readonly Event[]) {
    this.form = form;
    this.plan = plan;
    this.known = known;
    this.held = decodeAll(plan.held);
    this.me = decodeAll(plan.me);
    this.former = plan.former === null ? null : new Found(decodeAll(plan.former));
    this.settings = decodeAll(plan.settings);
    this.tables = Object.entries(plan.rows).map(([name, rows]) => new Table(form, name, rows, plan));
    this.add(plan.defaults, (name, shown) => this.fill(name, shown));
    this.add(Object.fromEntries(plan.actions.entries()), (_, action) => this.set(action));
    this.add(plan.show, (name, tree) => this.show(name, tree));
    this.add(plan.required, (name, tree) => this.require(name, tree));
    this.add(plan.locked, (name, tree) => this.lock(name, tree));
    this.add(plan.offered, (name, trees) => this.offer(name, trees));
    this.add(plan.formulas, (name, shown) => this.work(shown, () => all(form, `[data-formula="${name}"]`)));
    for (const table of this.tables) this.add(table.plan.formulas, (name, shown) => this.workInRows(table, name, shown));
    form.addEventListener("input", (event) => this.typed(event));
    form.addEventListener("change", (event) => this.typed(event));
    for (const event of early) this.note(event);
    this.update();
  }

  /** Makes the effects of one kind; what this engine does not know stays as the server drew it. */
  private add<Item>(items: Readonly<Record<string, Item>>, make: (name: string, item: Item) => Effect): void {
    for (const [name, item] of Object.entries(items)) {
      try {
        this.effects.push(make(name, item));
      } catch (error) {
        if (!(error instanceof Unsupported)) throw error;
      }
    }
  }

  private note(event: Event): void {
    const input = event.target as HTMLInputElement;
    // An input without a name is for the words of another.
    const name = input.name || input.closest<HTMLElement>("[data-field]")?.dataset["field"];
    if (event.isTrusted && name) this.touched.add(name.split("__")[0]!);
    this.changed = true;
  }

  private typed(event: Event): void {
    this.note(event);
    if (this.waiting) return;
    this.waiting = true;
    queueMicrotask(() => {
      this.waiting = false;
      this.update();
    });
  }

  private update(): void {
    const passed = BigInt(Math.round((performance.now() - this.began) * 1000));
    const environment: Environment = {
      now: new Moment(readMoment(this.plan.now).microseconds + passed),
      today: readDay(this.plan.today),
      me: this.me,
      timeZone: this.plan.time_zone,
      former: this.former,
      roles: this.plan.roles,
      settings: this.settings,
      outers: [],
    };
    for (const effect of this.effects) effect(this.record(), environment);
  }

  private record(): Found {
    const data = new FormData(this.form);
    const read = (name: string, type: Type): Value => inputValue(data, name, type, this.plan.signs, this.plan.time_zone);
    const typed = Object.entries(this.plan.fields).map(([name, type]) => [name, read(name, type)] as const);
    const fields: Record<string, Value> = { ...this.held, ...Object.fromEntries(typed) };
    // Rows are read only by what asks for them.
    for (const table of this.tables) Object.defineProperty(fields, table.name, { enumerable: true, get: () => table.records(data) });
    return new Found(fields);
  }

  private field(name: string): HTMLElement | null {
    return this.form.querySelector<HTMLElement>(`[data-field="${name}"]`);
  }

  private show(name: string, tree: Node): Effect {
    const run = compiled(tree, this.known);
    const parts = all(this.form, `[data-show~="${name}"]`);
    return (record, environment) => {
      const holds = condition(run, record, environment);
      // What is in trouble stays in sight, or nobody could mend it.
      for (const part of parts) part.hidden = !holds && part.querySelector(".is-invalid, .k-conf") === null;
    };
  }

  private require(name: string, tree: Node): Effect {
    const [run, field] = [compiled(tree, this.known), this.field(name)];
    return (record, environment) => {
      const holds = condition(run, record, environment);
      for (const input of field === null ? [] : all<HTMLInputElement>(field, controls)) input.required = holds;
      for (const mark of field === null ? [] : all(field, "[data-required-mark]")) mark.hidden = !holds;
    };
  }

  private lock(name: string, tree: Node): Effect {
    const [run, field] = [compiled(tree, this.known), this.field(name)];
    return (record, environment) => {
      const holds = condition(run, record, environment);
      for (const input of field === null ? [] : all<HTMLInputElement>(field, controls)) {
        // Only texts have a read-only state of their own; the others are still sent as they are.
        if (input.matches("select, [type=checkbox], [type=radio], [type=file]")) input.inert = holds;
        else input.readOnly = holds;
      }
      field?.classList.toggle("k-locked", holds);
      for (const reason of field === null ? [] : all(field, "[data-locked-why]")) reason.hidden = !holds;
    };
  }

  private offer(name: string, trees: Readonly<Record<string, Node>>): Effect {
    const field = this.field(name);
    const offers = Object.entries(trees).map(([option, tree]) => [option, compiled(tree, this.known)] as const);
    return (record, environment) => {
      for (const [option, run] of offers) {
        const holds = condition(run, record, environment);
        for (const part of field === null ? [] : all(field, "option, input")) {
          if ((part as HTMLOptionElement).value === option) offerOne(part as HTMLOptionElement | HTMLInputElement, holds);
        }
      }
    };
  }

  private work({ tree, scale, around }: Shown, places: () => HTMLElement[]): Effect {
    const run = compiled(tree, this.known);
    const found = places();
    return (record, environment) => {
      for (const place of found) this.write(place, outcome(run, record, environment), scale, around);
    };
  }

  private workInRows(table: Table, name: string, { tree, scale, around }: Shown): Effect {
    const run = compiled(tree, this.known);
    return (_, environment) => {
      for (const row of table.rows(new FormData(this.form))) {
        for (const place of all(row.element, `[data-row-formula="${name}"]`)) {
          this.write(place, outcome(run, row.record, environment), scale, around);
        }
      }
    };
  }

  private write(place: HTMLElement, [value, reason]: [Value, string], scale: number, around: Shown["around"]): void {
    place.textContent = reason || this.words(value, scale, around) || "–";
    place.classList.toggle("k-failed", reason !== "");
    place.classList.toggle("k-empty", reason === "" && value === null);
  }

  private words(value: Value, scale: number, around: Shown["around"]): string {
    if (value instanceof Money) {
      const [before, after] = around?.[value.currency] ?? ["", `\u00a0${value.currency}`];
      return before + fixed(value.amount, scale, this.plan.signs) + after;
    }
    if (typeof value === "bigint") {
      const [before, after] = around?.[""] ?? ["", ""];
      return before + fixed(value, scale, this.plan.signs) + after;
    }
    if (typeof value === "boolean") return value ? "Yes" : "No";
    return inputText(value, scale, this.plan.signs, this.plan.time_zone) ?? "";
  }

  private set({ name, when, tree, scale, blank }: Action): Effect {
    const run = compiled(tree, this.known);
    const holds = when === null ? null : compiled(when, this.known);
    const input = this.input(name);
    let [before, written]: [string, string | null] = ["", null];
    return (record, environment) => {
      // A saved record changes when it is saved, and it is saved when something was changed.
      if (input === null || (this.former !== null && !this.changed)) return;
      if (blank && (this.touched.has(name) || (input.value !== "" && input.value !== written))) return;
      if (holds !== null && !condition(holds, record, environment)) {
        if (written !== null && input.value === written) put(input, before);
        written = null;
        return;
      }
      const [value, reason] = outcome(run, record, environment);
      const text = this.text(value, scale);
      if (reason !== "" || text === null || text === input.value) return;
      if (written === null) before = input.value;
      put(input, (written = text));
    };
  }

  private input(name: string): HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | null {
    const field = this.field(name);
    return field?.querySelector<HTMLInputElement>(".k-dated > [name]") ?? field?.querySelector<HTMLInputElement>(controls) ?? null;
  }

  private text(value: Value, scale: number): string | null {
    return inputText(value instanceof Money ? value.amount : value, scale, this.plan.signs, this.plan.time_zone);
  }

  private fill(name: string, { tree, scale }: Shown): Effect {
    const run = compiled(tree, this.known);
    const input = this.input(name);
    let first = true;
    return (record, environment) => {
      if (input === null || this.touched.has(name)) return;
      const [value] = outcome(run, record, environment);
      const text = this.text(value, scale);
      // What stands there already and is not the default was typed before, or comes from the address.
      if (first && text !== input.value) this.touched.add(name);
      else if (text !== null) put(input, text);
      first = false;
    };
  }
}

function put(input: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement, text: string): void {
  input.value = text;
  if (input.closest(".k-dated") !== null) showDate(input);
}

function offerOne(part: HTMLOptionElement | HTMLInputElement, holds: boolean): void {
  const chosen = part instanceof HTMLOptionElement ? part.selected : part.checked;
  const box = part instanceof HTMLOptionElement ? part : part.closest("label");
  part.disabled = !holds && !chosen;
  if (box !== null) box.hidden = !holds && !chosen;
}

/** Tells whether a condition holds; one that gives an error value does not. */
function condition(run: Run, record: Found, environment: Environment): boolean {
  return outcome(run, record, environment)[0] === true;
}

/** Returns a value, or blank with the reason why there is none. */
function outcome(run: Run, record: Found, environment: Environment): [Value, string] {
  try {
    return [run(record, environment), ""];
  } catch (error) {
    if (error instanceof EvaluationError) return [null, error.message];
    throw error;
  }
}

/** Returns the functions that a plan names; what few forms need is loaded only where it is named. */
async function needed(plan: Plan): Promise<Family> {
  if ([...calls(plan)].every((name) => Object.hasOwn(common, name))) return common;
  const { functions } = await import("./functions/rare.ts");
  return { ...common, ...functions };
}

/** Lets a form react, from now on and to what was typed before. */
export async function react(form: HTMLFormElement, early: readonly Event[]): Promise<void> {
  const plan = JSON.parse(form.dataset["reacts"]!) as Plan;
  new ReactingForm(form, plan, await needed(plan), early);
}
