import { useMemo } from "react";
import { DataTable, type Column } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import parts from "../../parts/parts.module.css";
import { SourceMark } from "../../parts/SourceMark";
import { useSpeech, type Speech } from "../../texts/language";
import { describeEvent, whenWords } from "../describe";
import { newestFirst, type ClinicalEvent } from "../events";
import type { PanelProps } from "./CodedPanels";
import styles from "./panels.module.css";

const pageRows = 10;

function columnsOf(speech: Speech, onItem: (item: string) => void): Column<ClinicalEvent>[] {
  const { t } = speech;
  return [
    {
      id: "date",
      title: t("detail.date"),
      value: (event) => event.startMs,
      cell: (event) => <span className="figures">{whenWords(event, speech)}</span>,
    },
    {
      id: "title",
      title: t("kind.report"),
      value: (event) => event.label,
      isRowHeader: true,
      cell: (event) => (
        <button type="button" className="text-button" onClick={() => onItem(event.key)}>
          {describeEvent(event, speech)}
        </button>
      ),
    },
    {
      id: "source",
      title: t("source.title"),
      isWide: true,
      cell: (event) => <SourceMark source={event.source} />,
    },
  ];
}

function Reader({ event }: { event: ClinicalEvent | undefined }) {
  const speech = useSpeech();
  const { t } = speech;
  return (
    <section className={styles.reader} aria-label={t("reports.reader")} tabIndex={0}>
      {event?.body.kind === "report" ? (
        <article>
          <h3>{describeEvent(event, speech)}</h3>
          <p className="quiet figures">{whenWords(event, speech)}</p>
          <p className={styles.text}>{event.body.note.text}</p>
        </article>
      ) : (
        <p className="quiet">{t("reports.choose")}</p>
      )}
    </section>
  );
}

/** The reports of the record, and the text of the one that is selected. */
export function ReportsPanel({ events, item, onItem }: PanelProps) {
  const speech = useSpeech();
  const { t } = speech;
  const columns = useMemo(() => columnsOf(speech, onItem), [speech, onItem]);
  const rows = useMemo(
    () => events.filter((event) => event.lane === "report").sort(newestFirst),
    [events],
  );
  return (
    <Panel title={t("reports.title")} count={rows.length} kind="report">
      {rows.length === 0 ? (
        <p className={parts.empty}>{t("reports.empty")}</p>
      ) : (
        <div className={styles.reports}>
          <div>
            <DataTable
              name="report"
              caption={t("reports.caption")}
              columns={columns}
              rows={rows}
              rowKey={(event) => event.key}
              isSelected={(event) => event.key === item}
              pageRows={pageRows}
            />
          </div>
          <Reader event={rows.find((event) => event.key === item)} />
        </div>
      )}
    </Panel>
  );
}
