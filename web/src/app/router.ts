// The address and its query: what the app needs of a router, and no more. Which page an address
// means is said in pages.ts.

import { useMemo, useSyncExternalStore } from "react";

export interface Place {
  path: string;
  search: string;
}

const changed = "eds:navigate";

function subscribe(notify: () => void): () => void {
  window.addEventListener("popstate", notify);
  window.addEventListener(changed, notify);
  return () => {
    window.removeEventListener("popstate", notify);
    window.removeEventListener(changed, notify);
  };
}

function currentAddress(): string {
  return window.location.pathname + window.location.search;
}

export function useLocation(): Place {
  const address = useSyncExternalStore(subscribe, currentAddress);
  return useMemo(() => {
    const cut = address.indexOf("?");
    if (cut < 0) return { path: address, search: "" };
    return { path: address.slice(0, cut), search: address.slice(cut) };
  }, [address]);
}

export function navigate(to: string, how: "push" | "replace"): void {
  if (to === currentAddress()) return;
  if (how === "push") window.history.pushState(null, "", to);
  else window.history.replaceState(null, "", to);
  window.dispatchEvent(new Event(changed));
}

export type QueryPatch = Record<string, string | null>;

/** Sets each key of `patch` in `search`; empty or null removes it, so defaults stay unsaid. */
export function patchQuery(search: string, patch: QueryPatch): string {
  const query = new URLSearchParams(search);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === "") query.delete(key);
    else query.set(key, value);
  }
  const text = query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  return text === "" ? "" : `?${text}`;
}

export function withQuery(patch: QueryPatch): string {
  return window.location.pathname + patchQuery(window.location.search, patch);
}

/** The address of a page with its own query, keeping the language asked for in the address. */
export function addressOf(path: string, query: QueryPatch = {}): string {
  const lang = new URLSearchParams(window.location.search).get("lang");
  return path + patchQuery("", { ...query, lang });
}
