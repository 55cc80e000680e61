/** Tables that reach beyond their frame say so: the side where more columns stand fades out. */
import { all } from "./dom.ts";

const SLACK = 2;
const FRAMES = ".k-grid-wrap, .k-time";

function mark(frame: HTMLElement): void {
  const beyond = frame.scrollWidth - frame.clientWidth;
  const at = Math.abs(frame.scrollLeft); // counted backwards where text runs from the right
  frame.toggleAttribute("data-more-after", beyond - at > SLACK);
  frame.toggleAttribute("data-more-before", at > SLACK);
}

const watched = new ResizeObserver((entries) => {
  for (const entry of entries) {
    const frame = entry.target.closest<HTMLElement>(FRAMES);
    if (frame !== null) mark(frame);
  }
});

/** Watches the frames below `root`, and what stands in them. */
export function prepareEdges(root: ParentNode): void {
  for (const frame of all(root, FRAMES)) {
    watched.observe(frame);
    if (frame.firstElementChild !== null) watched.observe(frame.firstElementChild);
    frame.addEventListener("scroll", () => mark(frame), { passive: true });
  }
}
