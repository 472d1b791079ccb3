import type { ReactNode } from "react";
import styles from "./parts.module.css";

interface Props {
  tone: "calm" | "warn" | "bad";
  title: string;
  /** The notice is the whole page, so its title is the page's. */
  isPage?: boolean;
  hint?: string | undefined;
  children?: ReactNode;
}

/** A framed message: nothing here, something to know, or something that failed. */
export function Notice({ tone, title, isPage, hint, children }: Props) {
  return (
    <div className={styles.notice} data-tone={tone} role={tone === "bad" ? "alert" : undefined}>
      {isPage ? (
        <h1 className={styles.noticeTitle}>{title}</h1>
      ) : (
        <p className={styles.noticeTitle}>{title}</p>
      )}
      {hint && <p>{hint}</p>}
      {children}
    </div>
  );
}
