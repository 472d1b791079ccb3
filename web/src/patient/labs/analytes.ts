// The labs panel's rows: one an analyte, from the lab items the filters left.

import type { Measurement, MeasurementValue } from "../../api/types";
import { toMs } from "../../format/dates";
import type { ClinicalEvent } from "../events";

export interface Point {
  ms: number;
  value: number;
}

export interface Analyte {
  key: string;
  measurement: Measurement;
  /** Newest first; undated results last. */
  results: MeasurementValue[];
  last: MeasurementValue;
  /** The dated numbers, oldest first: what a curve can show. */
  points: Point[];
  /** Results a curve cannot show: text, or no readable time. */
  unplottedCount: number;
}

// The same code may come in two units: they are two rows, since one axis would mix them.
function keyOf(measurement: Measurement): string {
  return `${measurement.code}|${measurement.unit ?? ""}`;
}

function analyteOf(measurement: Measurement, results: MeasurementValue[]): Analyte | null {
  const ordered = results
    .map((result) => ({ result, ms: toMs(result.time) }))
    .sort((a, b) => (b.ms ?? -Infinity) - (a.ms ?? -Infinity));
  const last = ordered[0]?.result;
  if (!last) return null;
  const points = ordered
    .flatMap(({ result: { value }, ms }) => (value === null || ms === null ? [] : [{ ms, value }]))
    .reverse();
  return {
    key: keyOf(measurement),
    measurement,
    results: ordered.map(({ result }) => result),
    last,
    points,
    unplottedCount: results.length - points.length,
  };
}

export function analytesOf(events: ClinicalEvent[]): Analyte[] {
  const groups = new Map<string, { measurement: Measurement; results: MeasurementValue[] }>();
  for (const { body } of events) {
    if (body.kind !== "lab") continue;
    const key = keyOf(body.analyte);
    const group = groups.get(key) ?? { measurement: body.analyte, results: [] };
    group.results.push(body.result);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ measurement, results }) => analyteOf(measurement, results))
    .filter((analyte) => analyte !== null);
}

/** The line of a sparkline in a box of `width` by `height`, and where its last point lies. */
export function sparkline(points: Point[], width: number, height: number) {
  const first = points[0];
  const last = points[points.length - 1];
  if (!first || !last) return null;
  const values = points.map((point) => point.value);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const xOf = (ms: number) =>
    last.ms === first.ms ? width / 2 : ((ms - first.ms) / (last.ms - first.ms)) * width;
  const yOf = (value: number) =>
    high === low ? height / 2 : height - ((value - low) / (high - low)) * height;
  const line = points.map(({ ms, value }) => `${xOf(ms).toFixed(1)},${yOf(value).toFixed(1)}`);
  return { line: line.join(" "), x: xOf(last.ms), y: yOf(last.value), low, high, yOf };
}
