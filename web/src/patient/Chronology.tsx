import { useMemo } from "react";
import { DataTable, type Column } from "../parts/DataTable";
import { SourceMark } from "../parts/SourceMark";
import { useSpeech, type Speech } from "../texts/language";
import { describeEvent, whenWords } from "./describe";
import { newestFirst, type ClinicalEvent } from "./events";
import { KindMark } from "./KindMark";
import styles from "./patient.module.css";

const pageRows = 50;

function columnsOf(speech: Speech, onItem: (item: string) => void): Column<ClinicalEvent>[] {
  const { t } = speech;
  return [
    {
      id: "date",
      title: t("chronology.date"),
      value: (event) => event.startMs,
      cell: (event) => <span className="figures">{whenWords(event, speech)}</span>,
    },
    {
      id: "kind",
      title: t("chronology.kind"),
      value: (event) => t(`kind.${event.body.kind}`),
      cell: ({ body }) => (
        <span className={styles.kind}>
          <KindMark kind={body.kind} />
          {t(`kind.${body.kind}`)}
        </span>
      ),
    },
    {
      id: "what",
      title: t("chronology.what"),
      value: (event) => describeEvent(event, speech),
      isRowHeader: true,
      cell: (event) => (
        <button type="button" className="text-button" onClick={() => onItem(event.key)}>
          {describeEvent(event, speech)}
        </button>
      ),
    },
    {
      id: "source",
      title: t("chronology.source"),
      isWide: true,
      cell: (event) => <SourceMark source={event.source} />,
    },
  ];
}

interface Props {
  events: ClinicalEvent[];
  item: string;
  onItem: (item: string) => void;
}

/** The same items as the timeline, as a table: all of them, by pages that count them. */
export function Chronology({ events, item, onItem }: Props) {
  const speech = useSpeech();
  const rows = useMemo(() => [...events].sort(newestFirst), [events]);
  const columns = useMemo(() => columnsOf(speech, onItem), [speech, onItem]);
  return (
    <DataTable
      name="list"
      caption={speech.t("chronology.caption")}
      columns={columns}
      rows={rows}
      rowKey={(event) => event.key}
      isSelected={(event) => event.key === item}
      pageRows={pageRows}
    />
  );
}
