import { formatNumber } from "../../format/numbers";
import { useSpeech } from "../../texts/language";
import { sparkline, type Analyte } from "./analytes";
import styles from "./labs.module.css";

const width = 110;
const height = 20;
const pad = 4;

/** The run of an analyte at a glance, with its reference range behind it. */
export function Sparkline({ analyte }: { analyte: Analyte }) {
  const { t, locale } = useSpeech();
  const drawn = sparkline(analyte.points, width, height);
  if (!drawn) {
    return <span className="quiet">{t("labs.results", { n: analyte.results.length })}</span>;
  }
  const { range_low: rangeLow, range_high: rangeHigh } = analyte.measurement;
  const inBox = (y: number) => Math.min(height + pad, Math.max(-pad, y));
  const top = rangeHigh === null ? -pad : inBox(drawn.yOf(rangeHigh));
  const bottom = rangeLow === null ? height + pad : inBox(drawn.yOf(rangeLow));
  const label = t("labs.trendLabel", {
    n: analyte.points.length,
    min: formatNumber(drawn.low, locale),
    max: formatNumber(drawn.high, locale),
  });
  return (
    <svg
      role="img"
      aria-label={label}
      className={styles.spark}
      width={width + pad * 2}
      height={height + pad * 2}
      viewBox={`${-pad} ${-pad} ${width + pad * 2} ${height + pad * 2}`}
    >
      {(rangeLow !== null || rangeHigh !== null) && drawn.high !== drawn.low && (
        <rect x={-pad} width={width + pad * 2} y={top} height={Math.max(0, bottom - top)} />
      )}
      <polyline points={drawn.line} />
      <circle cx={drawn.x} cy={drawn.y} r={2.6} />
    </svg>
  );
}
