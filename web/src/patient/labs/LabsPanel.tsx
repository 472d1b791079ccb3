import { useMemo, useRef } from "react";
import { formatDate, formatTime } from "../../format/dates";
import { formatRange } from "../../format/numbers";
import { unitWords } from "../../format/units";
import { FlagMark } from "../../parts/FlagMark";
import { Panel } from "../../parts/Panel";
import parts from "../../parts/parts.module.css";
import { useSpeech } from "../../texts/language";
import { resultWords } from "../describe";
import type { ClinicalEvent } from "../events";
import type { ViewState } from "../view_state";
import { analytesOf, type Analyte } from "./analytes";
import { LabDetail } from "./LabDetail";
import styles from "./labs.module.css";
import { Sparkline } from "./Sparkline";
import { SourceMark } from "../../parts/SourceMark";

interface Props {
  events: ClinicalEvent[];
  view: ViewState;
  onView: (part: Partial<ViewState>) => void;
}

interface RowProps {
  analyte: Analyte;
  isOpen: boolean;
  view: ViewState;
  onView: (part: Partial<ViewState>) => void;
}

// Wide: left out on a narrow screen, where the analyte's own table says it.
const columns = [
  { key: "labs.analyte", isWide: false },
  { key: "labs.last", isWide: false },
  { key: "labs.flag", isWide: false },
  { key: "labs.range", isWide: true },
  { key: "labs.date", isWide: true },
  { key: "labs.trend", isWide: false },
  { key: "source.title", isWide: true },
] as const;

function AnalyteRow({ analyte, isOpen, view, onView }: RowProps) {
  const speech = useSpeech();
  const { t, locale } = speech;
  const { measurement, last, results } = analyte;
  const { unit, code, label, range_low: low, range_high: high } = measurement;
  const name = label ?? code;
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    onView({ analyte: "" });
    opener.current?.focus();
  };
  return (
    <>
      <tr data-selected={isOpen || undefined}>
        <th scope="row">
          <button
            ref={opener}
            type="button"
            className="text-button"
            aria-expanded={isOpen}
            title={t("labs.open", { label: name })}
            onClick={() => onView({ analyte: isOpen ? "" : analyte.key })}
          >
            {name}
          </button>{" "}
          <span className={`code quiet ${styles.sub ?? ""}`}>{code}</span>
        </th>
        <td className={styles.value}>
          <strong>{resultWords(last, locale)}</strong>{" "}
          <span className="quiet">{unitWords(unit, speech)}</span>
        </td>
        <td>
          <FlagMark flag={last.flag} />
        </td>
        <td className={styles.value} data-wide>
          {formatRange(low, high, locale)}
        </td>
        <td className={styles.value} data-wide title={formatTime(last.time, locale)}>
          {formatDate(last.time, locale)}
        </td>
        <td>
          <div className={styles.trend}>
            <Sparkline analyte={analyte} />
            <span className="quiet figures">{results.length}</span>
          </div>
        </td>
        <td data-wide>
          <SourceMark source={last.source} />
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={columns.length} className={styles.opened}>
            <LabDetail analyte={analyte} labView={view.labView} onView={onView} onClose={close} />
          </td>
        </tr>
      )}
    </>
  );
}

/** One row an analyte: its last value, its flag in words, its range and its run. */
export function LabsPanel({ events, view, onView }: Props) {
  const { t } = useSpeech();
  const analytes = useMemo(() => analytesOf(events), [events]);
  return (
    <Panel title={t("labs.title")} count={analytes.length} kind="lab">
      {analytes.length === 0 ? (
        <p className={parts.empty}>{t("labs.empty")}</p>
      ) : (
        <div className={parts.scroll} role="region" aria-label={t("labs.caption")} tabIndex={0}>
          <table className={`${parts.table ?? ""} ${styles.table ?? ""}`}>
            <caption className="visually-hidden">{t("labs.caption")}</caption>
            <thead>
              <tr>
                {columns.map(({ key, isWide }) => (
                  <th key={key} scope="col" data-wide={isWide || undefined}>
                    {t(key)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {analytes.map((analyte) => (
                <AnalyteRow
                  key={analyte.key}
                  analyte={analyte}
                  isOpen={analyte.key === view.analyte || analyte.measurement.code === view.analyte}
                  view={view}
                  onView={onView}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
