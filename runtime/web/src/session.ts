/** The session has ended, or the network is gone: sign in here, or wait; nothing that was typed is lost. */
import htmx from "htmx.org";
import { formToken, onSignedOut, renewToken } from "./http.ts";
import { forgetAll, person } from "./local.ts";
import { on } from "./dom.ts";

interface Session {
  readonly person: string;
  readonly token: string;
}

let asking: Promise<boolean> | null = null;

async function look(): Promise<Session | null> {
  const answer = await fetch("/session", { headers: { "HX-Request": "true", Accept: "application/json" } });
  return answer.ok ? ((await answer.json()) as Session) : null;
}

/** Takes over a session: the same person goes on, somebody else sees the page anew with nothing of the other. */
function goOn(session: Session): boolean {
  if (session.person !== person()) {
    window.location.assign("/");
    return false;
  }
  renewToken(session.token);
  return true;
}

function part(markup: string): HTMLFormElement | null {
  return new DOMParser().parseFromString(markup, "text/html").querySelector<HTMLFormElement>('form[action="/sign-in"]');
}

/** Shows the sign-in form in a dialog over the page; resolves when somebody is signed in, or gave up. */
function signIn(form: HTMLFormElement): Promise<boolean> {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.className = "k-dialog k-again";
    dialog.setAttribute("aria-labelledby", "k-again-h");
    const draw = (drawn: HTMLFormElement) => {
      drawn.removeAttribute("data-form");
      const head = drawn.querySelector<HTMLElement>("h1");
      if (head !== null) {
        const rested = head.dataset["rested"] ?? "";
        const title = Object.assign(document.createElement("h2"), { id: "k-again-h", textContent: rested === "" ? "You were signed out" : `You were signed out after ${rested}` });
        head.replaceWith(title);
        const words = title.parentElement!.querySelector("p") ?? title.parentElement!.appendChild(document.createElement("p"));
        words.className = "k-2";
        words.textContent = "Sign in here and carry on; nothing is lost.";
      }
      for (const [id, label] of [["email", "again-email"], ["password", "again-password"]] as const) {
        const input = drawn.querySelector<HTMLInputElement>(`#${id}`);
        drawn.querySelector(`label[for=${id}]`)?.setAttribute("for", label);
        if (input !== null) input.id = label;
      }
      dialog.replaceChildren(drawn);
      drawn.querySelector<HTMLInputElement>("input[type=email]")!.focus();
    };
    draw(form);
    dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      void send(event.target as HTMLFormElement);
    }, { capture: true });
    const send = async (sent: HTMLFormElement) => {
      const answer = await fetch("/sign-in", { method: "POST", body: new FormData(sent), headers: { "HX-Request": "true" } });
      const session = answer.ok || answer.redirected ? await look() : null;
      if (session !== null) {
        dialog.close();
        resolve(goOn(session));
        return;
      }
      const again = part(await answer.text());
      if (again !== null) draw(again);
    };
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(false);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Asks to sign in again in place; several requests that fail at once ask once. */
async function again(): Promise<boolean> {
  asking ??= (async () => {
    const answer = await fetch("/sign-in", { headers: { "HX-Request": "true" } });
    const form = part(await answer.text());
    if (form !== null) return signIn(form);
    const session = await look(); // another tab has signed in meanwhile
    return session !== null && goOn(session);
  })().finally(() => (asking = null));
  return asking;
}

/** Tells whether a form can be sent now: the session lives, with a fresh form token, and the network is there. */
export async function ready(): Promise<"ready" | "offline" | "refused"> {
  try {
    const session = await look();
    if (session !== null) return goOn(session) ? "ready" : "refused";
    return (await again()) ? "ready" : "refused";
  } catch (error) {
    if (error instanceof TypeError) return "offline";
    throw error;
  }
}

function showOffline(): void {
  let note = document.querySelector<HTMLElement>("[data-offline]");
  if (navigator.onLine) return note?.remove();
  if (note !== null) return;
  // In the free part of the top bar, so that nothing is covered and nothing moves away from under a hand.
  const place = document.querySelector(".k-top > .k-sp");
  note = document.createElement("div");
  note.className = "k-offline";
  note.role = "status";
  note.dataset["offline"] = "";
  note.title = "You are offline. What you write is kept on this device and sent when you are back.";
  note.textContent = window.matchMedia("(max-width: 1100px)").matches ? "Offline. What you write is kept." : note.title;
  place?.after(note);
}

/** Listens for the network, for answers that say the session has ended, and for signing out. */
export function startSession(): void {
  if (person() === "") return;
  onSignedOut(again);
  window.addEventListener("offline", showOffline);
  window.addEventListener("online", showOffline);
  showOffline();
  on("submit", "form[data-sign-out]", () => forgetAll());
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, requestConfig: sent, target } = (event as CustomEvent).detail;
    if (xhr.status !== 401) return;
    void again().then((isBack) => {
      if (!isBack) return;
      const values: Record<string, unknown> = Object.fromEntries(sent.formData ?? []);
      if ("csrf_token" in values) values["csrf_token"] = formToken();
      void htmx.ajax(sent.verb, sent.path, { source: sent.elt, target, values });
    });
  });
}
