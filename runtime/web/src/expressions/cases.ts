/**
 * The engine for Node: reads cases as JSON lines from standard input, and answers each with a line of its own.
 *
 * A case is `{tree, record, environment}`: a node of a checked tree, the record's fields, and `{now, today, time_zone,
 * me}` with perhaps `former`, `roles` and `settings`, all values as `kith_metadata.expressions.wire` writes them. The answer is `{value}`, `{error}` with the reason, or
 * `{unsupported}` with the function or kind of node that this engine does not know.
 */
import { createInterface } from "node:readline";
import { type Node, Unsupported, common, compiled } from "./compile.ts";
import { functions as rare } from "./functions/rare.ts";
import { type Environment, EvaluationError, Found } from "./values.ts";
import { type Wire, decodeAll, encode, readDay, readMoment } from "./wire.ts";

interface Case {
  readonly tree: Node;
  readonly record: Readonly<Record<string, Wire>>;
  readonly environment: {
    readonly now: string;
    readonly today: string;
    readonly time_zone: string;
    readonly me: Readonly<Record<string, Wire>>;
    readonly former?: Readonly<Record<string, Wire>> | null;
    readonly roles?: readonly string[];
    readonly settings?: Readonly<Record<string, Wire>>;
  };
}

const known = { ...common, ...rare };

function answer(line: string): { value: Wire } | { error: string } | { unsupported: string } {
  const { tree, record, environment } = JSON.parse(line) as Case;
  const surroundings: Environment = {
    now: readMoment(environment.now),
    today: readDay(environment.today),
    me: decodeAll(environment.me),
    timeZone: environment.time_zone,
    former: environment.former ? new Found(decodeAll(environment.former)) : null,
    roles: environment.roles ?? [],
    settings: decodeAll(environment.settings ?? {}),
    outers: [],
  };
  try {
    return { value: encode(compiled(tree, known)(new Found(decodeAll(record)), surroundings)) };
  } catch (error) {
    if (error instanceof Unsupported) return { unsupported: error.message };
    if (error instanceof EvaluationError) return { error: error.message };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(line))}\n`);
}
