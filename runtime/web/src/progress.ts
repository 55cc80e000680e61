/** A thin line along the top while a request runs longer than one notices. */

const NOTICED_MILLISECONDS = 150;

/** Shows the line during htmx requests and while a page is left. */
export function startProgress(): void {
  const line = document.createElement("div");
  line.className = "k-progress";
  line.setAttribute("aria-hidden", "true");
  document.body.append(line);
  let running = 0;
  let timer = 0;
  document.addEventListener("htmx:beforeRequest", () => {
    running += 1;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => line.classList.add("is-on"), NOTICED_MILLISECONDS);
  });
  document.addEventListener("htmx:afterRequest", () => {
    running = Math.max(0, running - 1);
    if (running > 0) return;
    window.clearTimeout(timer);
    line.classList.remove("is-on");
  });
}
