/** A veil with the lines of a page over what is being fetched, once that takes longer than one likes to wait. */

const NOTICED_MILLISECONDS = 400;
/** Links to another page of this site; what is downloaded leaves no page. */
const LEAVING = 'a[href^="/"]:not([download], [target], [href^="/files/"])';

/** Draws the veil over an element until the function that is returned is called; what is quick shows none. */
export function waitAt(element: HTMLElement): () => void {
  const timer = window.setTimeout(() => {
    element.classList.add("is-waiting");
    element.setAttribute("aria-busy", "true");
  }, NOTICED_MILLISECONDS);
  return () => {
    window.clearTimeout(timer);
    element.classList.remove("is-waiting");
    element.removeAttribute("aria-busy");
  };
}

/** Watches parts of pages that are fetched, and pages that are left for another. */
export function startWaiting(): void {
  const waiting = new Map<XMLHttpRequest, () => void>();
  document.addEventListener("htmx:beforeSend", (event) => {
    const { xhr, target, requestConfig } = (event as CustomEvent).detail;
    if (requestConfig.verb === "get" && target instanceof HTMLElement && target.matches("[data-veil]")) waiting.set(xhr, waitAt(target));
  });
  document.addEventListener("htmx:beforeSwap", done);
  document.addEventListener("htmx:afterRequest", done);
  function done(event: Event): void {
    const { xhr } = (event as CustomEvent).detail;
    waiting.get(xhr)?.();
    waiting.delete(xhr);
  }
  let leaving = () => {};
  // On the window, after every behaviour that may have kept the click for itself.
  window.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>(LEAVING) : null;
    const main = document.querySelector<HTMLElement>("#main");
    if (link === null || main === null || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    leaving();
    leaving = waitAt(main);
  });
  for (const name of ["pageshow", "pointerdown", "keydown"]) window.addEventListener(name, () => leaving());
}
