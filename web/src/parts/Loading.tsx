import { Skeleton } from "@mantine/core";
import styles from "./parts.module.css";

/** Grey lines where the content will stand, and its name for those who do not see them. */
export function Loading({ label, rows = 6 }: { label: string; rows?: number }) {
  return (
    <div role="status" className={styles.loading}>
      <span className="quiet">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={22} radius="sm" aria-hidden="true" />
      ))}
    </div>
  );
}
