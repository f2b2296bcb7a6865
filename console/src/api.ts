/** The one way to the API: JSON in, JSON out, problems as errors with words for people. */

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
  ) {
    super(detail ? `${title}: ${detail}` : title);
  }
}

let csrf = "";

export function setCsrf(token: string): void {
  csrf = token;
}

/** The address part of the API's root. */
export const ROOT = "/api/v1";

export async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let response: Response;
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && csrf) headers["X-CSRF-Token"] = csrf;
  try {
    response = await fetch(ROOT + path, {
      method,
      headers,
      credentials: "same-origin",
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "The shop's computer did not answer", "Check that it is on and that this device has a network.");
  }
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  const json = parse(text);
  if (!response.ok) throw problem(response.status, json);
  if (json === undefined) throw new ApiError(response.status, "The answer could not be read", "It was no JSON.");
  return json as T;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a response that is no success says, for people. */
export function problem(status: number, json: unknown): ApiError {
  const said = (typeof json === "object" && json !== null ? json : {}) as Record<string, unknown>;
  const known: Record<number, string> = {
    401: "You are not signed in",
    403: "Your role may not do this",
    404: "There is nothing here",
    409: "That is no longer possible",
    429: "That was too often; wait a moment",
  };
  const title = typeof said.title === "string" ? said.title : (known[status] ?? `The shop answered ${status}`);
  const detail = typeof said.detail === "string" ? said.detail : "";
  return new ApiError(status, title, detail);
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>("GET", path, undefined, signal);
export const post = <T>(path: string, body: unknown) => call<T>("POST", path, body);

/** Replaces what has this tag; an answer of 422 comes back as it is, since its problems are shown in place. */
export async function put(path: string, body: unknown, etag: string): Promise<{ status: number; json: unknown }> {
  const csv = typeof body === "string";
  const headers: Record<string, string> = {
    Accept: "application/json",
    "Content-Type": csv ? "text/csv; charset=utf-8" : "application/json",
    "If-Match": `"${etag}"`,
  };
  if (csrf) headers["X-CSRF-Token"] = csrf;
  const sent = { method: "PUT", headers, credentials: "same-origin", body: csv ? body : JSON.stringify(body) } as const;
  const response = await fetch(ROOT + path, sent).catch(() => {
    throw new ApiError(0, "The shop's computer did not answer", "Nothing was saved.");
  });
  const json = parse(await response.text());
  if (!response.ok && response.status !== 422) throw problem(response.status, json);
  return { status: response.status, json };
}
