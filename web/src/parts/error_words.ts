import { ApiError } from "../api/client";
import type { fr } from "../texts/fr";

type ErrorKey = `error.${keyof (typeof fr)["error"] & string}`;

export interface ErrorWords {
  what: ErrorKey;
  hint: ErrorKey;
}

/** What to say of a failure, from its code first and its HTTP status second. */
export function wordsOfError(error: Error): ErrorWords {
  if (!(error instanceof ApiError)) return { what: "error.crash", hint: "error.crashHint" };
  const { code, status } = error;
  if (code === "network") return { what: "error.network", hint: "error.networkHint" };
  if (code === "bad-answer") return { what: "error.badAnswer", hint: "error.badAnswerHint" };
  if (status === 404) return { what: "error.notFound", hint: "error.notFoundHint" };
  if (status === 401 || status === 403) {
    return { what: "error.forbidden", hint: "error.forbiddenHint" };
  }
  if (status >= 400 && status < 500) {
    return { what: "error.badRequest", hint: "error.badRequestHint" };
  }
  return { what: "error.server", hint: "error.serverHint" };
}
