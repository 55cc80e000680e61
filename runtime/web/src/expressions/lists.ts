/** Figures over lists of records. A list stands in its record under the name by which the expression calls it. */
import { duration } from "./calendar.ts";
import type { Make, Node, Run } from "./compile.ts";
import { add, divide, integer, one } from "./exact.ts";
import { outermost } from "./functions/figures.ts";
import { Duration, type Environment, EvaluationError, Found, type Value, behind, held } from "./values.ts";

type Part = Run | null;

function inside(environment: Environment, record: Found): Environment {
  return { ...environment, outers: [...environment.outers, record] };
}

/** Returns a value, or blank instead of an error value. */
function orBlank(run: Run, row: Found, environment: Environment): Value {
  try {
    return run(row, environment);
  } catch (error) {
    if (error instanceof EvaluationError) return null;
    throw error;
  }
}

function holds(condition: Part, row: Found, environment: Environment): boolean {
  return condition === null || orBlank(condition, row, environment) === true;
}

function totalled(node: Node, values: readonly Value[]): Value {
  if (node.name === "min" || node.name === "max") {
    return values.length === 0 ? null : outermost(values, node.name === "min" ? 1 : -1);
  }
  if (node.type.kind === "duration") {
    const lengths = values.map((value) => (value as Duration).microseconds);
    return duration(lengths.reduce((total, length) => total + length, 0n) * one);
  }
  const total = values.length === 0 ? 0n : values.reduce(add);
  if (node.name === "sum") return total;
  return values.length === 0 ? null : divide(total, integer(values.length));
}

function folded(node: Node, rows: readonly Found[], environment: Environment, condition: Part, value: Part): Value {
  if (node.name === "all") return rows.every((row) => holds(condition, row, environment));
  const found = rows.filter((row) => holds(condition, row, environment));
  if (node.name === "count") return integer(found.length);
  if (node.name === "any") return found.length > 0;
  if (node.name === "first") {
    const first = found[0];
    if (first === undefined) return null;
    return value === null ? held(first.fields, "id") : orBlank(value, first, environment);
  }
  const values = found.map((row) => orBlank(value!, row, environment)).filter((item) => item !== null);
  return totalled(node, values);
}

/** Returns a figure over a list of a record. */
export function figure(node: Node, make: Make): Run {
  const path = node.path!;
  const condition = node.condition ? make(node.condition) : null;
  const value = node.value ? make(node.value as Node) : null;
  return (record, environment) => {
    const holder = behind(record, path);
    const rows = holder === null ? [] : ((held(holder.fields, path.at(-1)!) ?? []) as readonly Found[]);
    return folded(node, rows, inside(environment, record), condition, value);
  };
}

/** Returns a part of the record around the list. */
export function outer(node: Node, make: Make): Run {
  const [base, up] = [make(node.base!), node.up!];
  return (_, environment) => {
    const record = environment.outers.at(-up);
    if (record === undefined) throw new EvaluationError("The record around the list was not loaded.");
    return base(record, { ...environment, outers: environment.outers.slice(0, -up) });
  };
}
