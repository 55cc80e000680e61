/** The engine: a checked tree becomes closures once, and each record costs only calls. Nothing is run as code. */
import type { Family, Function } from "./family.ts";
import { functions } from "./functions/index.ts";
import { checkedLength } from "./functions/pieces.ts";
import { length } from "./functions/text.ts";
import { figure, outer } from "./lists.ts";
import { operators } from "./operators.ts";
import {
  type Environment, type Found, type Type, type Value, behind, comparisons, contains, held, normal, same,
} from "./values.ts"; // prettier-ignore
import { type Wire, decode } from "./wire.ts";

export type Run = (record: Found, environment: Environment) => Value;

/** A node of the tree as the server writes it. Each kind has a few of these members. */
export interface Node {
  readonly node: string;
  readonly type: Type;
  readonly value?: Wire | Node;
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
  readonly entity?: string;
  readonly up?: number;
}

/** This engine does not know a part of a tree, so only the server can tell its value. */
export class Unsupported extends Error {}

/** Makes the function of a node below another one. */
export type Make = (node: Node) => Run;

/** What every form knows; a form that names something else loads more. */
export const common: Family = { ...operators, ...functions };

const longestText = 1_000_000;

const kinds: Readonly<Record<string, (node: Node, make: Make, known: Family) => Run>> = {
  literal: (node) => {
    const value = decode((node.value ?? null) as Wire);
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
    const values = node.items!.map((item) => decode((item.value ?? null) as Wire));
    return () => values;
  },
  attribute: (node, make) => {
    const base = make(node.base!);
    const values = new Map<Value, Value>(node.values!.map(([option, value]) => [option, decode(value)]));
    return (record, environment) => values.get(base(record, environment)) ?? null;
  },
  call,
  compare: (node, make) => {
    const [test, left, right] = [comparisons[node.operator!]!, make(node.left!), make(node.right!)];
    return (record, environment) => test(left(record, environment), right(record, environment));
  },
  contains: (node, make) => {
    const [item, container] = [make(node.item!), make(node.container!)];
    return (record, environment) => contains(item(record, environment), container(record, environment));
  },
  logic: (node, make) => {
    const operands = node.operands!.map(make);
    if (node.operator === "not") return (record, environment) => !operands[0]!(record, environment);
    if (node.operator === "and") return (record, environment) => operands.every((operand) => operand(record, environment));
    return (record, environment) => operands.some((operand) => operand(record, environment));
  },
  former: (node) => {
    const [path, type] = [node.path!, node.type];
    return (_, { former }) => (former === null ? null : fieldValue(former, path, type));
  },
  changed: (node, make) => {
    const [present, former] = [make(node.field!), make(node.former!)];
    return (record, environment) =>
      environment.former !== null && !same(former(record, environment), present(record, environment));
  },
  aggregate: figure,
  outer,
  around: (node) => aroundOf(node.name!, node.argument!, node.type),
  choose: (node, make) => {
    const [condition, chosen, otherwise] = [make(node.condition!), make(node.chosen!), make(node.otherwise!)];
    return (record, environment) => (condition(record, environment) ? chosen : otherwise)(record, environment);
  },
};

function aroundOf(name: string, argument: string, type: Type): Run {
  if (name === "is_new") return (_, { former }) => former === null;
  if (name === "has_role") return (_, { roles }) => roles.includes(argument);
  return (_, { settings }) => normal(type, Object.hasOwn(settings, argument) ? settings[argument]! : null);
}

/**
 * Returns a function of record and environment, which throws `EvaluationError` for an error value; throws `Unsupported`.
 *
 * `known` are the operators and functions that this page has loaded.
 */
export function compiled(node: Node, known: Family = common): Run {
  const kind = Object.hasOwn(kinds, node.node) ? kinds[node.node] : undefined;
  if (kind === undefined) throw new Unsupported(node.node);
  return kind(node, (part) => compiled(part, known), known);
}

/** Returns the names of all operators and functions in something that holds trees. */
export function calls(part: unknown): Set<string> {
  const found = new Set<string>();
  const open: unknown[] = [part];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== "object" || next === null) continue;
    const { node, name } = next as Partial<Node>;
    if (node === "call" && name !== undefined) found.add(name);
    open.push(...Object.values(next));
  }
  return found;
}

function fieldValue(record: Found, path: readonly string[], type: Type): Value {
  const holder = behind(record, path);
  return holder === null ? null : normal(type, held(holder.fields, path.at(-1)!));
}

function call(node: Node, make: Make, known: Family): Run {
  const found: Function | undefined = Object.hasOwn(known, node.name!) ? known[node.name!] : undefined;
  if (found === undefined) throw new Unsupported(node.name);
  const { run, keepsBlank, lazy, accepts } = found;
  const written = node.arguments!.map((part) => (part.node === "literal" ? decode((part.value ?? null) as Wire) : undefined));
  if (accepts !== undefined && !accepts(written)) throw new Unsupported(node.name);
  const parts = node.arguments!.map(make);
  if (lazy !== undefined) {
    return (record, environment) => lazy(...parts.map((part) => () => part(record, environment)));
  }
  return (record, environment) => {
    const values = parts.map((part) => part(record, environment));
    if (!keepsBlank && values.includes(null)) return null;
    const result = run(environment, ...values);
    if (typeof result === "string" && result.length > longestText) checkedLength(length(result));
    return result;
  };
}
