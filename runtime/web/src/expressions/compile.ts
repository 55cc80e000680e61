/** The engine: a checked tree becomes closures once, and each record costs only calls. Nothing is run as code. */
import type { Function } from "./family.ts";
import { functions } from "./functions/index.ts";
import { operators } from "./operators.ts";
import {
  type Environment, EvaluationError, Found, type Type, type Value, comparisons, contains, held, normal, same,
} from "./values.ts"; // prettier-ignore
import { type Wire, decode } from "./wire.ts";

export type Run = (record: Found, environment: Environment) => Value;

/** A node of the tree as the server writes it. Each kind has a few of these members. */
export interface Node {
  readonly node: string;
  readonly type: Type;
  readonly value?: Wire;
  readonly path?: readonly string[];
  readonly base?: Node;
  readonly values?: readonly (readonly [string, Wire])[];
  readonly items?: readonly Node[];
  readonly name?: string;
  readonly arguments?: readonly Node[];
  readonly operator?: string;
  readonly operands?: readonly Node[];
  readonly left?: Node;
  readonly right?: Node;
  readonly item?: Node;
  readonly container?: Node;
  readonly condition?: Node;
  readonly chosen?: Node;
  readonly otherwise?: Node;
  readonly field?: Node;
  readonly former?: Node;
  readonly argument?: string;
}

/** This engine does not know a part of a tree, so only the server can tell its value. */
export class Unsupported extends Error {}

const longestText = 1_000_000;
const table: Readonly<Record<string, Function>> = { ...operators, ...functions };

const kinds: Readonly<Record<string, (node: Node) => Run>> = {
  literal: (node) => {
    const value = decode(node.value ?? null);
    return () => value;
  },
  field: (node) => {
    const [path, type] = [node.path!, node.type];
    return (record) => fieldValue(record, path, type);
  },
  person: (node) => {
    const [name, type] = [node.path![0] ?? "id", node.type];
    return (_, { me }) => normal(type, Object.hasOwn(me, name) ? me[name]! : null);
  },
  items: (node) => {
    const values = node.items!.map((item) => decode(item.value ?? null));
    return () => values;
  },
  attribute: (node) => {
    const base = compiled(node.base!);
    const values = new Map<Value, Value>(node.values!.map(([option, value]) => [option, decode(value)]));
    return (record, environment) => values.get(base(record, environment)) ?? null;
  },
  call,
  compare: (node) => {
    const [test, left, right] = [comparisons[node.operator!]!, compiled(node.left!), compiled(node.right!)];
    return (record, environment) => test(left(record, environment), right(record, environment));
  },
  contains: (node) => {
    const [item, container] = [compiled(node.item!), compiled(node.container!)];
    return (record, environment) => contains(item(record, environment), container(record, environment));
  },
  logic: (node) => {
    const operands = node.operands!.map(compiled);
    if (node.operator === "not") return (record, environment) => !operands[0]!(record, environment);
    if (node.operator === "and") return (record, environment) => operands.every((operand) => operand(record, environment));
    return (record, environment) => operands.some((operand) => operand(record, environment));
  },
  former: (node) => {
    const [path, type] = [node.path!, node.type];
    return (_, { former }) => (former === null ? null : fieldValue(former, path, type));
  },
  changed: (node) => {
    const [present, former] = [compiled(node.field!), compiled(node.former!)];
    return (record, environment) =>
      environment.former !== null && !same(former(record, environment), present(record, environment));
  },
  around: (node) => aroundOf(node.name!, node.argument!, node.type),
  choose: (node) => {
    const [condition, chosen, otherwise] = [compiled(node.condition!), compiled(node.chosen!), compiled(node.otherwise!)];
    return (record, environment) => (condition(record, environment) ? chosen : otherwise)(record, environment);
  },
};

function aroundOf(name: string, argument: string, type: Type): Run {
  if (name === "is_new") return (_, { former }) => former === null;
  if (name === "has_role") return (_, { roles }) => roles.includes(argument);
  return (_, { settings }) => normal(type, Object.hasOwn(settings, argument) ? settings[argument]! : null);
}

/** Returns a function of record and environment, which throws `EvaluationError` for an error value; throws `Unsupported`. */
export function compiled(node: Node): Run {
  const kind = Object.hasOwn(kinds, node.node) ? kinds[node.node] : undefined;
  if (kind === undefined) throw new Unsupported(node.node);
  return kind(node);
}

function fieldValue(record: Found, path: readonly string[], type: Type): Value {
  let holder = record;
  for (const name of path.slice(0, -1)) {
    const next = held(holder.fields, name);
    if (next === null) return null;
    if (!(next instanceof Found)) {
      throw new EvaluationError(`The record behind '${name}' was not loaded, so its fields cannot be used here.`);
    }
    holder = next;
  }
  return normal(type, held(holder.fields, path.at(-1)!));
}

function call(node: Node): Run {
  const found = Object.hasOwn(table, node.name!) ? table[node.name!] : undefined;
  if (found === undefined) throw new Unsupported(node.name);
  const { run, keepsBlank } = found;
  const parts = node.arguments!.map(compiled);
  return (record, environment) => {
    const values = parts.map((part) => part(record, environment));
    if (!keepsBlank && values.includes(null)) return null;
    const result = run(environment, ...values);
    if (typeof result === "string" && result.length > longestText) throw tooLong();
    return result;
  };
}

function tooLong(): EvaluationError {
  return new EvaluationError(`The text is too long: at most ${longestText} characters are possible.`);
}
