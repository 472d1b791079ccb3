import { CloseButton, SegmentedControl } from "@mantine/core";
import { lazy, Suspense, useMemo, type KeyboardEvent } from "react";
import type { MeasurementValue } from "../../api/types";
import { formatTime, toMs } from "../../format/dates";
import { formatRange } from "../../format/numbers";
import { unitWords } from "../../format/units";
import { CrashGuard } from "../../parts/CrashGuard";
import { DataTable, type Column } from "../../parts/DataTable";
import { FlagMark } from "../../parts/FlagMark";
import { Loading } from "../../parts/Loading";
import { SourceMark } from "../../parts/SourceMark";
import { useSpeech, type Speech } from "../../texts/language";
import { resultWords } from "../describe";
import type { ViewState } from "../view_state";
import type { Analyte } from "./analytes";
import styles from "./labs.module.css";

// The chart's library is fetched when the first chart opens, not before.
const LabChart = lazy(async () => ({ default: (await import("./LabChart")).LabChart }));

const pageRows = 20;

function columnsOf(speech: Speech, unit: string | null): Column<MeasurementValue>[] {
  const { t, locale } = speech;
  return [
    {
      id: "date",
      title: t("labs.date"),
      value: (result) => toMs(result.time),
      isRowHeader: true,
      cell: (result) => <span className="figures">{formatTime(result.time, locale)}</span>,
    },
    {
      id: "value",
      title: t("detail.value"),
      align: "right",
      value: (result) => result.value,
      cell: (result) => `${resultWords(result, locale)} ${unitWords(unit, speech)}`,
    },
    { id: "flag", title: t("labs.flag"), cell: (result) => <FlagMark flag={result.flag} /> },
    {
      id: "original",
      title: t("labs.original"),
      cell: (result) => `${result.source_value ?? ""} ${result.source_unit ?? ""}`.trim(),
    },
    {
      id: "source",
      title: t("source.title"),
      cell: (result) => <SourceMark source={result.source} />,
    },
  ];
}

function ResultTable({ analyte, name }: { analyte: Analyte; name: string }) {
  const speech = useSpeech();
  const { unit } = analyte.measurement;
  const columns = useMemo(() => columnsOf(speech, unit), [speech, unit]);
  return (
    <DataTable
      name="results"
      caption={speech.t("labs.tableCaption", { label: name })}
      captionShown
      columns={columns}
      rows={analyte.results}
      rowKey={(result) => result.id}
      pageRows={pageRows}
    />
  );
}

function ChartView({ analyte }: { analyte: Analyte }) {
  const speech = useSpeech();
  const { t, locale } = speech;
  const { range_low: low, range_high: high, unit } = analyte.measurement;
  const range = formatRange(low, high, locale);
  const withUnit = `${range} ${unitWords(unit, speech)}`.trim();
  if (analyte.points.length === 0) return <p className="quiet">{t("labs.noNumber")}</p>;
  return (
    <>
      <CrashGuard>
        <Suspense fallback={<Loading label={t("state.loading")} rows={5} />}>
          <LabChart analyte={analyte} />
        </Suspense>
      </CrashGuard>
      <p className={styles.notes}>
        {range && <span>{t("labs.band", { range: withUnit })}</span>}
        {analyte.unplottedCount > 0 && (
          <strong>{t("labs.textOnly", { n: analyte.unplottedCount })}</strong>
        )}
        <span>{t("labs.chartKey")}</span>
      </p>
    </>
  );
}

interface Props {
  analyte: Analyte;
  labView: ViewState["labView"];
  onView: (part: Partial<ViewState>) => void;
  /** Closes it and gives the focus back to what opened it. */
  onClose: () => void;
}

/** One analyte opened: its curve or its table, never the one without the other within reach. */
export function LabDetail({ analyte, labView, onView, onClose }: Props) {
  const { t } = useSpeech();
  const name = analyte.measurement.label ?? analyte.measurement.code;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const other = labView === "chart" ? "table" : "chart";
    if (event.key.toLowerCase() === "t") onView({ labView: other });
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
  };
  return (
    <section className={styles.detail} aria-label={name} onKeyDown={onKeyDown}>
      <header>
        <h3>{name}</h3>
        <SegmentedControl
          size="xs"
          value={labView}
          onChange={(value) => onView({ labView: value === "table" ? "table" : "chart" })}
          data={[
            { value: "chart", label: t("labs.chart") },
            { value: "table", label: t("labs.table") },
          ]}
        />
        <CloseButton size="sm" aria-label={t("labs.close")} onClick={onClose} />
      </header>
      {labView === "table" ? (
        <ResultTable analyte={analyte} name={name} />
      ) : (
        <ChartView analyte={analyte} />
      )}
    </section>
  );
}
