/** htmx: swapping parts of a page that the server has drawn. Nothing from a page is ever run as code. */
import htmx from "htmx.org";
import "idiomorph/htmx";

/** Sets htmx up for the strict policy and signs each request against forgery. */
export function startRequests(): void {
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false,
    selfRequestsOnly: true,
    defaultSettleDelay: 0, // what is swapped in works at once: a change a moment later would be heard by nobody
    historyCacheSize: 0, // pages hold personal data; going back asks the server
    refreshOnHistoryMiss: true,
    scrollIntoViewOnBoost: false,
    // A refused form (409, 422) comes back as a page part with its errors, so it is shown like any answer.
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "409|422", swap: true, error: false },
      { code: "[45]..", swap: false, error: true },
    ],
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
    if (token) (event as CustomEvent).detail.headers["X-CSRFToken"] = token;
  });
  // A newer question replaces one under way (hx-sync): that is no fault, so it is not reported as one.
  document.addEventListener("htmx:beforeSend", (event) => {
    const { detail } = event as CustomEvent<{ xhr: XMLHttpRequest; error?: string }>;
    const end = detail.xhr.onabort as (() => void) | null;
    detail.xhr.onabort = () => {
      detail.error = "";
      end?.();
    };
  });
}
