// The one place that talks to the server. Every failure becomes an ApiError that says what happened
// and where; the pages turn its code into what to do.

export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly path: string;

  constructor(code: string, message: string, status: number, path: string) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.path = path;
  }
}

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function errorOf(body: unknown, status: number, path: string): ApiError {
  const inner = isFields(body) && isFields(body.error) ? body.error : {};
  const code = typeof inner.code === "string" ? inner.code : `http-${status}`;
  const message = typeof inner.message === "string" ? inner.message : "";
  return new ApiError(code, message, status, path);
}

/** Refuses an answer without the fields a page relies on: a half-read record must not be shown. */
export function checkShape<T>(body: unknown, lists: string[], objects: string[], path: string): T {
  const fields = isFields(body) ? body : {};
  const missing = [
    ...lists.filter((name) => !Array.isArray(fields[name])),
    ...objects.filter((name) => !isFields(fields[name])),
  ];
  if (!isFields(body) || missing.length > 0) {
    throw new ApiError("bad-answer", missing.join(", "), 200, path);
  }
  return body as T;
}

async function askJson(path: string, request: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, request);
  } catch (cause) {
    if (request.signal?.aborted) throw cause;
    throw new ApiError("network", "", 0, path);
  }
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    if (response.ok) throw new ApiError("bad-answer", "JSON", response.status, path);
  }
  if (!response.ok) throw errorOf(body, response.status, path);
  return body;
}

const accept = "application/json";

/** GETs `path` as JSON. Throws ApiError for every failure except an abort asked by the caller. */
export function getJson(path: string, signal?: AbortSignal): Promise<unknown> {
  return askJson(path, signal ? { signal, headers: { accept } } : { headers: { accept } });
}

// What proves that a change was asked for by this page: only a page of this server can read it.
let pageToken = "";

/** The token that goes with every change from now on. */
export function keepPageToken(token: string): void {
  pageToken = token;
}

/** POSTs `body`, for what must stand in no address; its answer is kept by nobody. */
export function postJson(path: string, body: Fields): Promise<unknown> {
  const headers = { accept, "content-type": "application/json", "eds-csrf": pageToken };
  return askJson(path, { method: "POST", cache: "no-store", headers, body: JSON.stringify(body) });
}
