import { useEffect, useRef, useState } from "react";

const waitMs = 250;

/** A field's text while it is typed: the address follows when the typing pauses. */
export function useDraft(
  value: string,
  commit: (text: string) => void,
): [string, (text: string) => void] {
  const [draft, setDraft] = useState<string | null>(null);
  const latest = useRef(commit);
  latest.current = commit;
  useEffect(() => {
    if (draft === null) return undefined;
    const timer = setTimeout(() => {
      latest.current(draft);
      setDraft(null);
    }, waitMs);
    return () => clearTimeout(timer);
  }, [draft]);
  return [draft ?? value, setDraft];
}
