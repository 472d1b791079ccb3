import type { ReactNode } from "react";
import styles from "./detail.module.css";

export function Facts({ children }: { children: ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>;
}

/** One fact; a fact without a value is not shown. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  const isAbsent = children === null || children === undefined || children === false;
  if (isAbsent || children === "") return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
