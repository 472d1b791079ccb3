// For component tests: renders a part of a page with all it stands on, in a made-up browser, over
// answers of the API that the test gives.

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, vi } from "vitest";
import { LanguageProvider } from "./texts/language";

// What jsdom lacks and the app asks for.
window.matchMedia = (query: string) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList;
const roomPx = 1000;
class StillObserver {
  readonly #notify: ResizeObserverCallback;
  constructor(notify: ResizeObserverCallback) {
    this.#notify = notify;
  }
  observe() {
    const entry = { contentRect: { width: roomPx, height: 400 } } as ResizeObserverEntry;
    this.#notify([entry], this as unknown as ResizeObserver);
  }
  unobserve() {}
  disconnect() {}
}
window.ResizeObserver = StillObserver as unknown as typeof ResizeObserver;
window.scrollTo = () => undefined;

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  localStorage.clear();
  window.history.replaceState(null, "", "/");
});

/** Answers every request whose path begins with a key; anything else is a failure of the test. */
export function answerWith(answers: Record<string, unknown>): ReturnType<typeof vi.fn> {
  const fetched = vi.fn((path: string, _request?: RequestInit) => {
    const key = Object.keys(answers).find((start) => path.startsWith(start));
    const status = key === undefined ? 500 : 200;
    return Promise.resolve(new Response(JSON.stringify(answers[key ?? ""] ?? {}), { status }));
  });
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

export function show(content: ReactNode, address = "/") {
  window.history.replaceState(null, "", address);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return {
    client,
    ...render(
      <MantineProvider env="test">
        <QueryClientProvider client={client}>
          <LanguageProvider>{content}</LanguageProvider>
        </QueryClientProvider>
      </MantineProvider>,
    ),
  };
}
