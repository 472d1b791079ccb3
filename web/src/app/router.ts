// Three routes and the query of the address: what the app needs of a router, and no more.

import { useMemo, useSyncExternalStore } from "react";

export interface Place {
  path: string;
  search: string;
}

export type Route =
  | { name: "patients" }
  | { name: "patient"; id: string }
  | { name: "unknown"; path: string };

export function routeOf(path: string): Route {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.length === 0 || (parts.length === 1 && parts[0] === "patients")) {
    return { name: "patients" };
  }
  if (parts.length === 2 && parts[0] === "patients" && parts[1]) {
    try {
      return { name: "patient", id: decodeURIComponent(parts[1]) };
    } catch {
      return { name: "unknown", path };
    }
  }
  return { name: "unknown", path };
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

/** The address of a page, keeping the language asked for in the address. */
export function addressOf(path: string): string {
  const lang = new URLSearchParams(window.location.search).get("lang");
  return lang === null ? path : `${path}?lang=${encodeURIComponent(lang)}`;
}
