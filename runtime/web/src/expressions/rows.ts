/** The rows of a table in a form as records: what stands in their inputs, and what the server said of the rest. */
import { all } from "../dom.ts";
import type { Shown } from "./form.ts";
import { type Signs, inputValue } from "./inputs.ts";
import { Found, type Type, type Value } from "./values.ts";
import { type Wire, decodeAll } from "./wire.ts";

/** What the server says of a table: the types of inputs, formulas of a row, and values that are no inputs. */
export interface RowsPlan {
  readonly fields: Readonly<Record<string, Type>>;
  readonly formulas: Readonly<Record<string, Shown>>;
  /** The saved rows in the order in which they were made. */
  readonly held: readonly (readonly [string, Readonly<Record<string, Wire>>])[];
  readonly fresh: Readonly<Record<string, Wire>>;
}

interface Row {
  readonly element: HTMLElement;
  readonly record: Found;
  readonly id: string;
}

interface Manner {
  readonly signs: Signs;
  readonly time_zone: string;
}

/** A table of rows. */
export class Table {
  /** Under this name figures ask for the rows. */
  readonly name: string;
  private readonly held: ReadonlyMap<string, Readonly<Record<string, Value>>>;
  private readonly order: readonly string[];
  private readonly fresh: Readonly<Record<string, Value>>;
  private readonly untouched: string;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly table: string,
    readonly plan: RowsPlan,
    private readonly manner: Manner,
  ) {
    this.name = `rows ${table}`;
    this.held = new Map(plan.held.map(([id, fields]) => [id, decodeAll(fields)]));
    this.order = plan.held.map(([id]) => id);
    this.fresh = decodeAll(plan.fresh);
    this.untouched = this.ofTemplate();
  }

  /** Returns the rows that would be saved, the saved ones first, in the order in which they were or will be made. */
  records(data: FormData): readonly Found[] {
    const found = this.rows(data).filter((row) => row.id !== "" || row.typed !== this.untouched);
    const place = ({ id }: Row): number => (id === "" ? this.order.length : this.order.indexOf(id));
    return found.sort((first, second) => place(first) - place(second)).map((row) => row.record);
  }

  /** Returns the rows that are not taken out. */
  rows(data: FormData): (Row & { readonly typed: string })[] {
    const inputs = this.byRow(data);
    const found = [];
    for (const element of all(this.form, `[data-rows="${this.table}"] [data-row]`)) {
      const index = indexOf(element, this.table);
      const own = inputs.get(index) ?? new FormData();
      if (index === "" || own.get("_delete") === "1") continue;
      const id = String(own.get("_id") ?? "");
      const typed = Object.entries(this.plan.fields).map(
        ([name, type]) => [name, inputValue(own, name, type, this.manner.signs, this.manner.time_zone)] as const,
      );
      const record = new Found({ ...(this.held.get(id) ?? this.fresh), ...Object.fromEntries(typed) });
      found.push({ element, record, id, typed: written(own) });
    }
    return found;
  }

  /** Parts what a form holds by rows, so that a row of many is read as fast as one of few. */
  private byRow(data: FormData): Map<string, FormData> {
    const found = new Map<string, FormData>();
    for (const [name, value] of data.entries()) {
      const [, index = "", rest = ""] = this.parted(name);
      if (rest === "" || typeof value !== "string") continue;
      if (!found.has(index)) found.set(index, new FormData());
      found.get(index)!.append(rest, value);
    }
    return found;
  }

  private parted(name: string): readonly string[] {
    if (!name.startsWith(`${this.table}-`)) return [];
    return /^(\d+|__index__)-(.+)$/.exec(name.slice(this.table.length + 1)) ?? [];
  }

  /** Returns what a new row holds before somebody touches it: such a row is not saved. */
  private ofTemplate(): string {
    const template = this.form.querySelector<HTMLTemplateElement>(
      `[data-rows="${this.table}"] template[data-rows-template]`,
    );
    const form = document.createElement("form");
    if (template !== null) form.append(template.content.cloneNode(true));
    return written(this.byRow(new FormData(form)).get("__index__") ?? new FormData());
  }
}

function indexOf(row: HTMLElement, table: string): string {
  for (const input of all<HTMLInputElement>(row, "input, select, textarea")) {
    if (input.name.startsWith(`${table}-`)) return /^\d+/.exec(input.name.slice(table.length + 1))?.[0] ?? "";
  }
  return "";
}

function written(data: FormData): string {
  return JSON.stringify([...data.entries()]);
}
