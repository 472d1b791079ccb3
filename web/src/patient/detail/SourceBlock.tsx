import { useQuery } from "@tanstack/react-query";
import { sourceQuery } from "../../api/queries";
import type { Source, SourceFile } from "../../api/types";
import { formatTime } from "../../format/dates";
import { wordsOfError } from "../../parts/error_words";
import { useSpeech } from "../../texts/language";
import { Fact, Facts } from "./Facts";
import styles from "./detail.module.css";

function FileFacts({ file }: { file: SourceFile }) {
  const { t, locale } = useSpeech();
  const rows = new Intl.NumberFormat(locale).format(file.rows);
  return (
    <Facts>
      <Fact name={t("source.format")}>{file.format}</Fact>
      <Fact name={t("source.fed")}>{formatTime(file.fed_at, locale)}</Fact>
      <Fact name={t("source.rows")}>
        {`${rows} (${t("source.rejects", { n: file.rejects })})`}
      </Fact>
    </Facts>
  );
}

function KnownSource({ source }: { source: Source }) {
  const { t } = useSpeech();
  const query = useQuery(sourceQuery(source.source_id));
  const { file, position } = source;
  return (
    <>
      <p className={styles.sourceAt}>{t("source.at", { file, position: String(position) })}</p>
      {query.isPending && <p className="quiet">{t("state.loading")}</p>}
      {query.isError && <p className="quiet">{t(wordsOfError(query.error).what)}</p>}
      {query.data && <FileFacts file={query.data} />}
    </>
  );
}

/** The file and position an item came from, and what is known of that file. */
export function SourceBlock({ source }: { source: Source | null }) {
  const { t } = useSpeech();
  return (
    <section className={styles.source}>
      <h3>{t("source.title")}</h3>
      {source ? <KnownSource source={source} /> : <p className="quiet">{t("source.unknown")}</p>}
    </section>
  );
}
