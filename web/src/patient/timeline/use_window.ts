import { useEffect, useRef, useState } from "react";
import type { Span } from "../events";

const settleMs = 220;

/** The visible time: it moves at once under the hand, and reaches the address when it rests. */
export function useWindow(
  kept: Span | null,
  full: Span,
  keep: (span: Span | null) => void,
): [Span, (span: Span | null) => void] {
  const [live, setLive] = useState<Span | "full" | null>(null);
  const latest = useRef(keep);
  latest.current = keep;
  useEffect(() => {
    if (live === null) return undefined;
    const timer = setTimeout(() => {
      latest.current(live === "full" ? null : live);
      setLive(null);
    }, settleMs);
    return () => clearTimeout(timer);
  }, [live]);
  const shown = live === "full" ? full : (live ?? kept ?? full);
  return [shown, (span) => setLive(span ?? "full")];
}
