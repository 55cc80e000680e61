/** Columns of a list: widths by dragging or by keys, order by dragging or by buttons, and a search in the chooser. */
import { say } from "./changes.ts";
import { all, on } from "./dom.ts";

const STEP = 10;
const [NARROWEST, WIDEST] = [60, 600];
const SAVE_MILLISECONDS = 350;
let saving = 0;

function post(grid: HTMLElement, name: string, width: string): void {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
  window.clearTimeout(saving);
  saving = window.setTimeout(() => {
    const body = new URLSearchParams({ place: grid.dataset["place"] ?? "", name, width });
    const sent = fetch(grid.dataset["widths"]!, { method: "POST", body, headers: { "X-CSRFToken": token }, keepalive: true });
    void sent.then((answer) => answer.ok || lost(), lost);
  }, SAVE_MILLISECONDS);
}

function lost(): void {
  say("The width could not be kept. It is as before when you come back.");
}

/** One column with the handle at the edge of its head. */
class Edge {
  private readonly handle = document.createElement("span");
  private readonly column: HTMLElement;

  constructor(private readonly grid: HTMLElement, private readonly head: HTMLElement, column: HTMLElement) {
    this.column = column;
    this.handle.className = "k-edge";
    this.handle.role = "separator";
    this.handle.tabIndex = 0;
    this.handle.setAttribute("aria-orientation", "vertical");
    this.handle.setAttribute("aria-label", `Width of ${head.textContent?.trim() ?? ""}`);
    this.handle.setAttribute("aria-valuemin", String(NARROWEST));
    this.handle.setAttribute("aria-valuemax", String(WIDEST));
    this.handle.addEventListener("pointerdown", (event) => this.drag(event));
    this.handle.addEventListener("keydown", (event) => this.press(event));
    this.handle.addEventListener("dblclick", () => this.reset());
    head.append(this.handle);
    // Told once the page is laid out, and whenever that changes: to ask now would lay it out once for each column.
    new ResizeObserver(() => this.tell()).observe(head);
  }

  private get width(): number {
    return Math.round(this.head.getBoundingClientRect().width);
  }

  private tell(): void {
    this.handle.setAttribute("aria-valuenow", String(Math.min(Math.max(this.width, NARROWEST), WIDEST)));
  }

  private set(pixels: number): number {
    const width = Math.min(Math.max(Math.round(pixels / STEP) * STEP, NARROWEST), WIDEST);
    this.column.style.width = `${width}px`;
    this.handle.setAttribute("aria-valuenow", String(width));
    return width;
  }

  private keep(width: number | null): void {
    post(this.grid, this.head.dataset["column"]!, width === null ? "" : String(width));
  }

  private reset(): void {
    this.column.style.removeProperty("width");
    this.column.className = this.head.dataset["width"]!;
    this.keep(null);
  }

  private drag(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    const [from, began, given] = [event.clientX, this.width, this.column.style.width];
    const way = getComputedStyle(this.head).direction === "rtl" ? -1 : 1;
    this.handle.setPointerCapture(event.pointerId);
    this.handle.classList.add("is-held");
    const move = (next: PointerEvent) => this.set(began + way * (next.clientX - from));
    const stopped = new AbortController();
    const end = (last: Event) => {
      stopped.abort();
      this.handle.classList.remove("is-held");
      if (!(last instanceof PointerEvent && last.type === "pointerup")) this.column.style.width = given;
      else if (last.clientX !== from) this.keep(move(last));
    };
    const { signal } = stopped;
    this.handle.addEventListener("pointermove", move, { signal });
    for (const name of ["pointerup", "pointercancel"]) this.handle.addEventListener(name, end, { signal });
    document.addEventListener("keydown", (press) => {
      if (press.key !== "Escape") return;
      press.preventDefault();
      press.stopPropagation();
      end(press);
    }, { capture: true, signal });
  }

  private press(event: KeyboardEvent): void {
    const way = getComputedStyle(this.head).direction === "rtl" ? -1 : 1;
    const step = { ArrowLeft: -way, ArrowRight: way }[event.key];
    if (step !== undefined) this.keep(this.set(this.width + step * STEP * (event.shiftKey ? 5 : 1)));
    else if (event.key === "Delete" || event.key === "Backspace") this.reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Gives each column of a list its handle. */
export function prepareColumns(root: ParentNode): void {
  for (const grid of all(root, "table.k-grid[data-widths]")) {
    const columns = all(grid, "colgroup col");
    for (const head of all(grid, "thead th[data-column]")) {
      const column = columns[(head as HTMLTableCellElement).cellIndex];
      if (column !== undefined && head.querySelector(".k-edge") === null) new Edge(grid, head, column);
    }
  }
  for (const find of all<HTMLInputElement>(root, "[data-columns-find]")) {
    find.hidden = false;
    find.focus();
  }
}

function move(item: HTMLElement, step: number): void {
  const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!(other instanceof HTMLElement) || other.dataset["fixed"] !== undefined) return;
  if (step < 0) other.before(item);
  else other.after(item);
  item.scrollIntoView({ block: "nearest" });
}

function drag(grip: HTMLElement, event: PointerEvent): void {
  const item = grip.closest("li")!;
  if (event.button !== 0) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  item.classList.add("is-held");
  const follow = (next: PointerEvent) => {
    const over = document.elementFromPoint(next.clientX, next.clientY)?.closest("li");
    if (!over || over === item || over.parentElement !== item.parentElement || over.dataset["fixed"] !== undefined) return;
    const { top, height } = over.getBoundingClientRect();
    if (next.clientY > top + height / 2) over.after(item);
    else over.before(item);
  };
  const end = () => {
    grip.removeEventListener("pointermove", follow);
    item.classList.remove("is-held");
  };
  grip.addEventListener("pointermove", follow);
  grip.addEventListener("lostpointercapture", end, { once: true });
}

function find(text: string, form: HTMLElement): void {
  const wanted = text.trim().toLocaleLowerCase();
  let found = 0;
  for (const item of all(form, "[data-columns-list] > li")) {
    item.hidden = wanted !== "" && !(item.textContent ?? "").toLocaleLowerCase().includes(wanted);
    if (!item.hidden) found += 1;
  }
  const none = form.querySelector<HTMLElement>("[data-columns-none]");
  if (none !== null) none.hidden = found > 0;
}

/** Moves lines of the chooser without a round trip, sorts by a second column with Shift, and folds groups. */
export function startColumns(): void {
  on("click", "[data-column-move]", (button, event) => {
    event.preventDefault();
    move(button.closest("li")!, Number(button.dataset["columnMove"]));
    button.focus();
  });
  on("click", "[data-group-toggle]", (button) => {
    const shut = button.closest("[data-group]")?.classList.toggle("is-shut");
    button.setAttribute("aria-expanded", String(shut === false));
  });
  on("pointerdown", "[data-grip]", drag);
  on("input", "[data-columns-find]", (input) => find((input as HTMLInputElement).value, input.closest("form")!));
  on("keydown", "[data-columns-find]", (_input, event) => event.key === "Enter" && event.preventDefault());
  on("click", "[data-sort-also]", (link, event) => {
    if (!event.shiftKey) return;
    event.preventDefault();
    window.location.assign(link.dataset["sortAlso"]!);
  });
}
