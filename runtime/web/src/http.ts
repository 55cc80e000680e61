/** Asking the server from script: signed against forgery, and signing in again in place when the session has ended. */

type Again = () => Promise<boolean>;
let signInAgain: Again = async () => false;

/** Sets what happens when an answer is 401: it resolves to true when somebody is signed in again. */
export function onSignedOut(again: Again): void {
  signInAgain = again;
}

/** The form token of the page as it is now. */
export function formToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** Puts a new form token everywhere it stands on the page. */
export function renewToken(token: string): void {
  document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.setAttribute("content", token);
  for (const input of document.querySelectorAll<HTMLInputElement>("input[name=csrf_token]")) input.value = token;
}

/** Fetches from this site; after 401 it asks to sign in and sends the same again. Rejects when there is no network. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const send = () => {
    const headers = new Headers(init.headers);
    headers.set("HX-Request", "true");
    headers.set("X-CSRFToken", formToken());
    if (init.body instanceof FormData) init.body.set("csrf_token", formToken());
    return fetch(path, { ...init, headers });
  };
  const answer = await send();
  return answer.status === 401 && (await signInAgain()) ? send() : answer;
}

/** Fetches from this site; null when there is no network, and when it was given up. */
export async function askQuietly(path: string, init: RequestInit = {}): Promise<Response | null> {
  try {
    return await ask(path, init);
  } catch (error) {
    if (error instanceof DOMException || error instanceof TypeError) return null;
    throw error;
  }
}

/** Fetches JSON from this site; `value` is null when the server refused, when there is no network, and when it was given up. */
export async function askJsonQuietly<Value>(path: string, signal: AbortSignal): Promise<{ answer: Response | null; value: Value | null }> {
  const answer = await askQuietly(path, { headers: { Accept: "application/json" }, signal });
  try {
    return { answer, value: answer?.ok ? ((await answer.json()) as Value) : null };
  } catch (error) {
    if (error instanceof DOMException || error instanceof TypeError) return { answer: null, value: null };
    throw error;
  }
}

/** Fetches JSON; null when the server refused. */
export async function askJson<Value>(path: string, signal?: AbortSignal): Promise<Value | null> {
  const answer = await ask(path, { headers: { Accept: "application/json" }, ...(signal ? { signal } : {}) });
  return answer.ok ? ((await answer.json()) as Value) : null;
}
