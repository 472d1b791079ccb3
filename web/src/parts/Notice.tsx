import type { ReactNode } from "react";
import styles from "./parts.module.css";

interface Props {
  tone: "calm" | "warn" | "bad";
  title: string;
  hint?: string | undefined;
  children?: ReactNode;
}

/** A framed message: nothing here, something to know, or something that failed. */
export function Notice({ tone, title, hint, children }: Props) {
  return (
    <div className={styles.notice} data-tone={tone} role={tone === "bad" ? "alert" : undefined}>
      <p className={styles.noticeTitle}>{title}</p>
      {hint && <p>{hint}</p>}
      {children}
    </div>
  );
}
