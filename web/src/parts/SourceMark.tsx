import type { Source } from "../api/types";
import { useSpeech } from "../texts/language";
import styles from "./parts.module.css";

/** Where a row came from: file and position, short enough for a table cell. */
export function SourceMark({ source }: { source: Source | null }) {
  const { t } = useSpeech();
  if (!source) return <span className="quiet">{t("source.unknown")}</span>;
  const { file, position } = source;
  return (
    <span className={styles.source} title={t("source.at", { file, position: String(position) })}>
      {file}
      <span className="quiet">{` : ${position}`}</span>
    </span>
  );
}
