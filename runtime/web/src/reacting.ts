/** Forms that react as one types. Only a page with such a form loads the engine of expressions. */
import { all } from "./dom.ts";

const begun = new WeakSet<HTMLFormElement>();

/** Lets each `form[data-reacts]` below `root` react, once. */
export function prepareReacting(root: ParentNode): void {
  for (const form of all<HTMLFormElement>(root, "form[data-reacts]")) {
    if (begun.has(form)) continue;
    begun.add(form);
    // What is typed before the engine has come was typed by the person, too.
    const early: Event[] = [];
    const keep = (event: Event): void => void early.push(event);
    for (const name of ["input", "change"]) form.addEventListener(name, keep);
    void import("./expressions/form.ts").then(async ({ react }) => {
      await react(form, early);
      for (const name of ["input", "change"]) form.removeEventListener(name, keep);
    });
  }
}
