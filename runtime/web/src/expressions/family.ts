/** How a family of functions is declared. A blank argument gives blank unless the function keeps blanks. */
import type { Environment, Value } from "./values.ts";

// Each function takes the kinds of values that the checker let through, so the table cannot say them.
export type Run = (environment: Environment, ...values: any[]) => Value;

export interface Function {
  readonly run: Run;
  readonly keepsBlank: boolean;
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
