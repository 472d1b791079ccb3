import { useId, type ReactNode } from "react";
import styles from "./parts.module.css";

interface Props {
  title: string;
  count?: number | undefined;
  /** The lane whose colour marks the panel. */
  kind?: string;
  aside?: ReactNode;
  children: ReactNode;
}

export function Panel({ title, count, kind, aside, children }: Props) {
  const id = useId();
  return (
    <section className={`sheet ${styles.panel ?? ""}`} aria-labelledby={id} data-kind={kind}>
      <header className={styles.panelHead}>
        <h2 id={id}>{title}</h2>
        {count !== undefined && <span className={styles.count}>{count}</span>}
        {aside}
      </header>
      {children}
    </section>
  );
}
