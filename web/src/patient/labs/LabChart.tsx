import { useElementSize, useMediaQuery } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatMs } from "../../format/dates";
import { formatNumber } from "../../format/numbers";
import { unitWords } from "../../format/units";
import { useSpeech, type Speech } from "../../texts/language";
import type { Analyte } from "./analytes";

const chartHeight = 240;

/** The page's colours, as the canvas needs them: by value. */
interface Inks {
  words: string;
  grid: string;
  band: string;
  line: string;
}

function inksOf(node: Element): Inks {
  const style = getComputedStyle(node);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    words: read("--ink-soft"),
    grid: read("--line-soft"),
    band: read("--band"),
    line: read("--kind-lab"),
  };
}

function bandOf(low: number | null, high: number | null, colour: string) {
  return (plot: uPlot) => {
    if (low === null && high === null) return;
    const { ctx, bbox } = plot;
    const clamp = (y: number) => Math.min(bbox.top + bbox.height, Math.max(bbox.top, y));
    const top = high === null ? bbox.top : clamp(plot.valToPos(high, "y", true));
    const bottom = low === null ? bbox.top + bbox.height : clamp(plot.valToPos(low, "y", true));
    ctx.save();
    ctx.fillStyle = colour;
    ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
    ctx.restore();
  };
}

// The range is part of the scale, so that a value is always seen against it.
function scaleOf(analyte: Analyte): [number, number] {
  const { range_low: low, range_high: high } = analyte.measurement;
  const values = analyte.points.map((point) => point.value);
  const bounds = [low, high].filter((bound) => bound !== null);
  const min = Math.min(...values, ...bounds);
  const max = Math.max(...values, ...bounds);
  const margin = (max - min || Math.abs(max) || 1) * 0.08;
  return [min - margin, max + margin];
}

interface Frame {
  width: number;
  speech: Speech;
  label: string;
  inks: Inks;
}

function optionsOf(analyte: Analyte, { width, speech, label, inks }: Frame): uPlot.Options {
  const { locale } = speech;
  const { range_low: low, range_high: high, unit } = analyte.measurement;
  const grid = { stroke: inks.grid, width: 1 };
  const single = analyte.points.length === 1;
  const [min, max] = scaleOf(analyte);
  const spanMs = (analyte.points.at(-1)?.ms ?? 0) - (analyte.points[0]?.ms ?? 0);
  const dates: Intl.DateTimeFormatOptions =
    spanMs > 4 * 86_400_000
      ? { day: "numeric", month: "short", year: "2-digit" }
      : { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  return {
    width,
    height: chartHeight,
    ms: 1,
    tzDate: (ms) => uPlot.tzDate(new Date(ms), "Etc/UTC"),
    legend: { show: false },
    cursor: { y: false, points: { size: 9 } },
    scales: {
      x: single ? { range: (_, from) => [from - 43_200_000, from + 43_200_000] } : { time: true },
      y: { range: [min, max] },
    },
    hooks: { drawClear: [bandOf(low, high, inks.band)] },
    series: [
      {},
      { label, stroke: inks.line, width: 1.6, points: { show: true, size: 6, fill: inks.line } },
    ],
    axes: [
      {
        stroke: inks.words,
        grid,
        ticks: grid,
        space: 96,
        values: (_, ticks) => ticks.map((ms) => formatMs(ms, locale, dates)),
      },
      {
        stroke: inks.words,
        grid,
        ticks: grid,
        size: 64,
        label: unitWords(unit, speech),
        labelSize: 18,
        values: (_, ticks) => ticks.map((value) => formatNumber(value, locale)),
      },
    ],
  };
}

/** The curve of one analyte over its reference range. Its table stands beside it, one key away. */
export function LabChart({ analyte }: { analyte: Analyte }) {
  const speech = useSpeech();
  const { t } = speech;
  const isDark = useMediaQuery("(prefers-color-scheme: dark)");
  const { ref, width } = useElementSize();
  const host = useRef<HTMLDivElement>(null);
  const { measurement, points } = analyte;
  const name = measurement.label ?? measurement.code;
  const unit = unitWords(measurement.unit, speech) || t("labs.noUnit");
  const label = t("labs.chartLabel", { label: name, unit });
  useEffect(() => {
    if (!host.current || width < 50) return undefined;
    const data: uPlot.AlignedData = [
      points.map((point) => point.ms),
      points.map((point) => point.value),
    ];
    const inks = inksOf(host.current);
    const options = optionsOf(analyte, { width, speech, label, inks });
    const plot = new uPlot(options, data, host.current);
    return () => plot.destroy();
  }, [analyte, points, width, speech, label, isDark]);
  return (
    <div ref={ref}>
      <div ref={host} role="img" aria-label={label} style={{ height: chartHeight }} />
    </div>
  );
}
