/** A part of a page that could not be fetched: a card in its place says so and tries again; the rest of the page stays. */
import htmx from "htmx.org";
import { on } from "./dom.ts";
import { icon } from "./listbox.ts";
import { showToast } from "./toasts.ts";

interface Answer {
  readonly xhr: XMLHttpRequest;
  readonly target: HTMLElement;
  readonly requestConfig: { readonly verb: string; readonly path: string; readonly elt: HTMLElement };
  readonly etc: { readonly swapOverride?: string };
}

const UNREACHABLE = "The server cannot be reached.";
const again = new WeakMap<HTMLElement, () => void>();

/** Says in a toast what an error page says. */
function tell(words: readonly string[]): void {
  const text = words.slice(0, 2).join(" ");
  showToast({ text: text || "This did not work, and nothing was changed. Try again.", icon: "alert-circle" });
}

function wordsOf(markup: string): string[] {
  const page = new DOMParser().parseFromString(markup, "text/html");
  const words = [...page.querySelectorAll("[data-problem] p, [data-problem-text]")].map((part) => part.textContent?.trim() ?? "");
  return words.filter((part) => part !== "");
}

function swapOf(answer: Answer): string {
  const { elt } = answer.requestConfig;
  return answer.etc.swapOverride ?? elt.closest("[hx-swap]")?.getAttribute("hx-swap") ?? "innerHTML";
}

function card(words: readonly string[]): HTMLElement {
  const box = document.createElement("div");
  box.className = "k-trouble";
  box.role = "alert";
  box.innerHTML = `<span class="k-bad">${icon("alert-triangle")}</span>`;
  const text = document.createElement("div");
  text.append(Object.assign(document.createElement("b"), { className: "k-b", textContent: "This part could not be shown." }));
  for (const line of [...words, "The rest of the page is complete. Your data is unchanged."])
    text.append(Object.assign(document.createElement("p"), { textContent: line }));
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: "Try again" });
  button.dataset["tryAgain"] = "";
  text.append(button);
  box.append(text);
  return box;
}

/** A card for what could not be fetched: it says why, and asks again; `answer` is null when the server was not reached. */
export async function troubleCard(answer: Response | null, retry: () => void): Promise<HTMLElement> {
  const box = card(answer === null ? [UNREACHABLE] : wordsOf(await answer.text()));
  again.set(box, retry);
  return box;
}

/** Wraps the card in what its place can hold: a row in a table, an entry in a list. */
function fitted(box: HTMLElement, inside: HTMLElement): HTMLElement {
  if (inside.matches("ul, ol")) {
    const entry = document.createElement("li");
    entry.append(box);
    return entry;
  }
  if (!inside.matches("table, thead, tbody, tr")) return box;
  const cell = document.createElement("td");
  cell.colSpan = 99;
  cell.append(box);
  if (inside.matches("tr")) return cell;
  const row = document.createElement("tr");
  row.append(cell);
  return row;
}

/** Puts the card where the answer would have stood; "Try again" asks for the same and puts that there. */
function putInPlace(answer: Answer, words: readonly string[]): void {
  const { target, requestConfig } = answer;
  const swap = swapOf(answer).split(" ")[0];
  const replaces = swap === "outerHTML";
  const inside = replaces ? target.parentElement : target;
  if (inside === null || !target.isConnected) return tell(words);
  const box = card(words);
  const placed = fitted(box, inside);
  if (replaces) target.replaceWith(placed);
  else if (swap === "beforeend") target.append(placed);
  else target.replaceChildren(placed);
  again.set(box, () => {
    if (replaces) return void htmx.ajax("get", requestConfig.path, { target: placed, swap: "outerHTML" });
    placed.remove();
    void htmx.ajax("get", requestConfig.path, { target, swap: swap as "innerHTML" });
  });
}

function failed(event: Event, words: readonly string[]): void {
  const answer = (event as CustomEvent<Answer>).detail;
  if (answer.requestConfig.verb === "get" && swapOf(answer) !== "none") putInPlace(answer, words);
  else tell(words);
}

/** Listens for answers that are no answer: refused, broken, or none at all. */
export function startTrouble(): void {
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = (event as CustomEvent<Answer>).detail;
    // The session's own behaviour asks to sign in and sends it again.
    if (xhr.status !== 401) failed(event, wordsOf(xhr.responseText));
  });
  document.addEventListener("htmx:sendError", (event) => {
    const isReading = (event as CustomEvent<Answer>).detail.requestConfig.verb === "get";
    failed(event, isReading ? [UNREACHABLE] : ["The server cannot be reached, so nothing was changed. Try again when you are back."]);
  });
  on("click", "[data-try-again]", (button) => again.get(button.closest<HTMLElement>(".k-trouble")!)?.());
}
