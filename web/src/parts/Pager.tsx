import { Button } from "@mantine/core";
import { useSpeech } from "../texts/language";
import styles from "./parts.module.css";

interface Props {
  label: string;
  page: number;
  pageRows: number;
  total: number;
  onPage: (page: number) => void;
}

export function Pager({ label, page, pageRows, total, onPage }: Props) {
  const { t, locale } = useSpeech();
  const number = new Intl.NumberFormat(locale);
  const from = number.format((page - 1) * pageRows + 1);
  const to = number.format(Math.min(total, page * pageRows));
  return (
    <nav className={styles.pager} aria-label={label}>
      <Button
        size="compact-xs"
        variant="default"
        disabled={page <= 1}
        aria-label={t("table.previous")}
        onClick={() => onPage(page - 1)}
      >
        <span aria-hidden="true">←</span>
      </Button>
      <span className="figures" aria-live="polite">
        {t("table.shown", { from, to, total: number.format(total) })}
      </span>
      <Button
        size="compact-xs"
        variant="default"
        disabled={page * pageRows >= total}
        aria-label={t("table.next")}
        onClick={() => onPage(page + 1)}
      >
        <span aria-hidden="true">→</span>
      </Button>
    </nav>
  );
}
