/** Forms that react as one types. Only a page with such a form loads the engine of expressions. */
import { all } from "./dom.ts";

const begun = new WeakSet<HTMLFormElement>();

/** Lets each `form[data-reacts]` below `root` react, once. */
export function prepareReacting(root: ParentNode): void {
  for (const form of all<HTMLFormElement>(root, "form[data-reacts]")) {
    if (begun.has(form)) continue;
    begun.add(form);
    void import("./expressions/form.ts").then(({ react }) => react(form));
  }
}
