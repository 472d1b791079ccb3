import { useMemo } from "react";
import { DataTable, type Column } from "../../parts/DataTable";
import { Panel } from "../../parts/Panel";
import styles from "../../parts/parts.module.css";
import { SourceMark } from "../../parts/SourceMark";
import { useSpeech, type Speech } from "../../texts/language";
import { whenWords } from "../describe";
import { newestFirst, type ClinicalEvent, type Lane } from "../events";

const pageRows = 8;

export type Cells = (speech: Speech, onItem: (item: string) => void) => Column<ClinicalEvent>[];

interface Props {
  lane: Exclude<Lane, "stay" | "lab" | "report">;
  title: string;
  caption: string;
  empty: string;
  /** The columns between the date and the source; must not change between renders. */
  cells: Cells;
  events: ClinicalEvent[];
  item: string;
  onItem: (item: string) => void;
}

function framed(cells: Cells, speech: Speech, onItem: (item: string) => void) {
  const { t } = speech;
  const date: Column<ClinicalEvent> = {
    id: "date",
    title: t("detail.date"),
    value: (event) => event.startMs,
    cell: (event) => <span className="figures">{whenWords(event, speech)}</span>,
  };
  const source: Column<ClinicalEvent> = {
    id: "source",
    title: t("source.title"),
    isWide: true,
    cell: (event) => <SourceMark source={event.source} />,
  };
  return [date, ...cells(speech, onItem), source];
}

/** One kind of items as a table, newest first, each with its source. */
export function EventPanel(props: Props) {
  const { lane, title, caption, empty, cells, events, item, onItem } = props;
  const speech = useSpeech();
  const rows = useMemo(
    () => events.filter((event) => event.lane === lane).sort(newestFirst),
    [events, lane],
  );
  // A column without any value would only take room.
  const columns = useMemo(
    () =>
      framed(cells, speech, onItem).filter(
        ({ value, isRowHeader }) =>
          !value || isRowHeader || rows.some((row) => value(row) !== null),
      ),
    [cells, speech, onItem, rows],
  );
  return (
    <Panel title={title} count={rows.length} kind={lane}>
      {rows.length === 0 ? (
        <p className={styles.empty}>{empty}</p>
      ) : (
        <DataTable
          name={lane}
          caption={caption}
          columns={columns}
          rows={rows}
          rowKey={(event) => event.key}
          isSelected={(event) => event.key === item}
          pageRows={pageRows}
        />
      )}
    </Panel>
  );
}
