import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatMs } from "../../format/dates";
import { formatNumber } from "../../format/numbers";
import { useSpeech } from "../../texts/language";
import type { Analyte } from "./analytes";

const chartHeight = 240;
const ink = "#51626d";
const grid = { stroke: "#e9eef1", width: 1 };

function bandOf(low: number | null, high: number | null) {
  return (plot: uPlot) => {
    if (low === null && high === null) return;
    const { ctx, bbox } = plot;
    const clamp = (y: number) => Math.min(bbox.top + bbox.height, Math.max(bbox.top, y));
    const top = high === null ? bbox.top : clamp(plot.valToPos(high, "y", true));
    const bottom = low === null ? bbox.top + bbox.height : clamp(plot.valToPos(low, "y", true));
    ctx.save();
    ctx.fillStyle = "#e6ecef";
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

function optionsOf(analyte: Analyte, width: number, locale: string, label: string): uPlot.Options {
  const { range_low: low, range_high: high, unit } = analyte.measurement;
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
    hooks: { drawClear: [bandOf(low, high)] },
    series: [
      {},
      { label, stroke: "#2a5fa8", width: 1.6, points: { show: true, size: 6, fill: "#2a5fa8" } },
    ],
    axes: [
      {
        stroke: ink,
        grid,
        ticks: grid,
        space: 96,
        values: (_, ticks) => ticks.map((ms) => formatMs(ms, locale, dates)),
      },
      {
        stroke: ink,
        grid,
        ticks: grid,
        size: 64,
        label: unit ?? "",
        labelSize: 18,
        values: (_, ticks) => ticks.map((value) => formatNumber(value, locale)),
      },
    ],
  };
}

/** The curve of one analyte over its reference range. Its table stands beside it, one key away. */
export function LabChart({ analyte }: { analyte: Analyte }) {
  const { t, locale } = useSpeech();
  const { ref, width } = useElementSize();
  const host = useRef<HTMLDivElement>(null);
  const { measurement, points } = analyte;
  const name = measurement.label ?? measurement.code;
  const unit = measurement.unit ?? t("labs.noUnit");
  const label = t("labs.chartLabel", { label: name, unit });
  useEffect(() => {
    if (!host.current || width < 50) return undefined;
    const data: uPlot.AlignedData = [
      points.map((point) => point.ms),
      points.map((point) => point.value),
    ];
    const plot = new uPlot(optionsOf(analyte, width, locale, label), data, host.current);
    return () => plot.destroy();
  }, [analyte, points, width, locale, label]);
  return (
    <div ref={ref}>
      <div ref={host} role="img" aria-label={label} style={{ height: chartHeight }} />
    </div>
  );
}
