/** How a family of functions is declared. A blank argument gives blank unless the function keeps blanks. */
import type { Environment, Value } from "./values.ts";

// Each function takes the kinds of values that the checker let through, so the table cannot say them.
export type Run = (environment: Environment, ...values: any[]) => Value;

/** An argument that is worked out only when it is asked for. */
export type Later = () => Value;

export interface Function {
  readonly run: Run;
  readonly keepsBlank: boolean;
  /** Gets its arguments as functions and calls those that it needs. */
  readonly lazy?: (...arguments_: Later[]) => Value;
  /** Whether the function can take the arguments that are written in the expression; the server decides else. */
  readonly accepts?: (literals: readonly (Value | undefined)[]) => boolean;
}

export type Family = Readonly<Record<string, Function>>;

/** Declares a function that gives blank when one of its arguments is. */
export function strict(run: Run): Function {
  return { run, keepsBlank: false };
}

/** Declares a function that handles blanks itself. */
export function keeping(run: Run): Function {
  return { run, keepsBlank: true };
}

/** Declares a function that decides itself which of its arguments are worked out. */
export function choosing(lazy: (...arguments_: Later[]) => Value): Function {
  return { run: () => null, keepsBlank: true, lazy };
}
