/** Trees: opened step by step by click and arrow keys; a record is moved by drag, or by the page behind its button. */
import htmx from "htmx.org";
import { sendChange, say } from "./changes.ts";
import { all, isTyping, on } from "./dom.ts";
import { followPointer, ghostOf } from "./drag.ts";
import { singleKeysAreOn } from "./keys.ts";

function kidsOf(node: HTMLElement): HTMLElement {
  return node.querySelector<HTMLElement>(":scope > ul")!;
}

function twistOf(node: HTMLElement): HTMLElement | null {
  return node.querySelector<HTMLElement>(":scope > .row [data-twist]");
}

async function turn(node: HTMLElement, open: boolean): Promise<void> {
  const twist = twistOf(node);
  const kids = kidsOf(node);
  if (twist === null || (twist.getAttribute("aria-expanded") === "true") === open) return;
  twist.setAttribute("aria-expanded", String(open));
  if (open && kids.childElementCount === 0) await htmx.ajax("get", twist.dataset["twist"]!, { target: kids, swap: "innerHTML" });
  kids.hidden = !open;
}

async function move(node: HTMLElement, to: string): Promise<void> {
  const tree = node.closest<HTMLElement>("[data-tree]")!;
  const opened = all(tree, "[data-twist][aria-expanded=true]").map((twist) => twist.closest<HTMLElement>("[data-node]")!.dataset["node"]!);
  node.classList.add("is-saving");
  const answer = await sendChange(tree.dataset["moveUrl"]!, { id: node.dataset["node"]!, to, version: node.dataset["version"]! });
  if (answer === null) return node.classList.remove("is-saving");
  const here = new URL(window.location.href);
  here.searchParams.set("open", [...new Set([...opened, to])].filter((id) => id !== "-").join(","));
  await htmx.ajax("get", here.pathname + here.search, { target: "#tree", select: "#tree", swap: "outerHTML" });
}

function grab(node: HTMLElement, down: PointerEvent): void {
  if (down.button !== 0 || (down.target as Element).closest("button, [data-twist], .acts")) return;
  const row = node.querySelector<HTMLElement>(":scope > .row")!;
  const tree = node.closest<HTMLElement>("[data-tree]")!;
  let ghost: ReturnType<typeof ghostOf> | null = null;
  let over: HTMLElement | null = null;
  const nodeAt = (x: number, y: number) =>
    document.elementsFromPoint(x, y).map((element) => element.closest<HTMLElement>("[data-tree] [data-node]")).find((found) => found != null) ?? null;
  followPointer(down, {
    begin(at) {
      if (!node.hasAttribute("data-movable")) {
        say(`You may read “${row.querySelector("[data-node-link]")?.textContent?.trim()}”, not change it.`);
        return false;
      }
      ghost = ghostOf(row, at);
      row.classList.add("is-dragged");
      tree.classList.add("is-dragging");
      return true;
    },
    move(at) {
      ghost?.move(at);
      const found = nodeAt(at.x, at.y);
      if (found === over) return;
      over?.classList.remove("is-over");
      if (found !== node) found?.classList.add("is-over");
      over = found;
    },
    end(dropped) {
      ghost?.remove();
      over?.classList.remove("is-over");
      row.classList.remove("is-dragged");
      tree.classList.remove("is-dragging");
      if (dropped && over !== null && over !== node) void move(node, over.dataset["node"]!);
    },
  }, () => [tree]);
}

function press(event: KeyboardEvent): void {
  const link = document.activeElement?.closest<HTMLElement>("[data-tree] [data-node-link]");
  if (!link || event.defaultPrevented || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!singleKeysAreOn() && event.key.length === 1) return;
  const tree = link.closest<HTMLElement>("[data-tree]")!;
  const node = link.closest<HTMLElement>("[data-node]")!;
  const links = all(tree, "[data-node-link]").filter((found) => found.getClientRects().length > 0);
  const forward = document.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  const back = document.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (step !== undefined) links[links.indexOf(link) + step]?.focus();
  else if (event.key === forward) void turn(node, true);
  else if (event.key === back && twistOf(node)?.getAttribute("aria-expanded") === "true") void turn(node, false);
  else if (event.key === back) node.parentElement?.closest<HTMLElement>("[data-node]")?.querySelector<HTMLElement>("[data-node-link]")?.focus();
  else if (event.key === "m") node.querySelector<HTMLElement>(":scope > .row [data-node-move]")?.click();
  else return;
  event.preventDefault();
}

/** Listens for clicks on the twists, for arrow keys and for drags. */
export function startTrees(): void {
  on("click", "[data-twist]", (twist, event) => {
    event.preventDefault();
    void turn(twist.closest<HTMLElement>("[data-node]")!, twist.getAttribute("aria-expanded") !== "true");
  });
  on("keydown", "[data-twist]", (twist, event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    twist.click();
  });
  document.addEventListener("keydown", press);
  on("pointerdown", "[data-tree] li[data-node]", (node, event) => grab(node, event));
  on("dragstart", "[data-tree]", (_tree, event) => event.preventDefault());
}
