/** Moves to another stage: what the stage asks for is filled in on the way, and a list or board stays where it is. */
import { on } from "./dom.ts";
import { release } from "./forms.ts";
import { askQuietly } from "./http.ts";
import { openQuick } from "./quick.ts";
import { showToast } from "./toasts.ts";

/** What a move came to, in words. */
interface Moved {
  readonly text: string;
  readonly undo: string;
  readonly refused?: boolean;
}

function tell(moved: Moved): void {
  if (moved.text !== "") showToast({ text: moved.text, undo: moved.undo, icon: moved.refused ? "alert-triangle" : "check" });
  document.dispatchEvent(new CustomEvent("kith:moved"));
}

/** Opens the dialog for what a move asks for; cards and rows are drawn anew when it is done. */
export function fillIn(address: string): void {
  void openQuick(address, tell);
}

async function moveBeside(form: HTMLFormElement, button: HTMLElement | null): Promise<void> {
  const answer = await askQuietly(form.action, { method: "POST", body: new FormData(form, button) });
  release(form);
  if (answer === null || !answer.ok) return showToast({ text: "Nothing was moved: the server cannot be reached, or you may not.", icon: "alert-circle" });
  tell((await answer.json()) as Moved);
}

/** Listens for moves that ask for something, and for those of the panel beside a list. */
export function startStages(): void {
  on("click", "[data-asks]", (button, event) => {
    event.preventDefault();
    const address = button.closest("form")!.action;
    if (button.closest(".k-peek") !== null) return fillIn(address);
    // The page of the record comes again as a whole: what is shown there may depend on the stage.
    void openQuick(`${address}?then=page`, () => window.location.reload());
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches(".k-peek form[action$='/stage']")) return;
    event.preventDefault();
    void moveBeside(form, event.submitter);
  });
}
