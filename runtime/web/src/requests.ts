/** htmx: swapping parts of a page that the server has drawn. Nothing from a page is ever run as code. */
import htmx from "htmx.org";
import "idiomorph/htmx";
import { showToast } from "./toasts.ts";

/** Sets htmx up for the strict policy and signs each request against forgery. */
export function startRequests(): void {
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false,
    selfRequestsOnly: true,
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
  // An error page never belongs inside a part of another page: reading loads it whole, writing tells what it says.
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, requestConfig } = (event as CustomEvent).detail;
    if (xhr.status === 401) return; // the session's own behaviour asks to sign in and sends it again
    if (requestConfig.verb === "get") window.location.assign(requestConfig.path);
    else tellProblem(xhr.responseText);
  });
  document.addEventListener("htmx:sendError", () => {
    showToast({ text: "The server cannot be reached, so nothing was changed. Try again when you are back.", icon: "alert-circle" });
  });
}

/** Says in a toast what an error page says. */
function tellProblem(markup: string): void {
  const page = new DOMParser().parseFromString(markup, "text/html");
  const words = [...page.querySelectorAll("[data-problem] p, [data-problem-text]")].map((part) => part.textContent?.trim() ?? "");
  const text = words.filter((part) => part !== "").slice(0, 2).join(" ");
  showToast({ text: text || "This did not work, and nothing was changed. Try again.", icon: "alert-circle" });
}
