// Time to pixels, zoom, pan, and the ticks of the axis.

import { dayMs } from "../../format/dates";
import type { Span } from "../events";

export const hourMs = 3_600_000;
const yearMs = 365.25 * dayMs;

/** Closer than an hour a chart of a stay says nothing; a wider view than two centuries neither. */
const windowMsMin = hourMs;
const windowMsMax = 200 * yearMs;

export function toX(ms: number, span: Span, width: number): number {
  return ((ms - span.startMs) / (span.endMs - span.startMs)) * width;
}

/** Narrows (factor < 1) or widens the window, keeping what lies at `anchor` (0 to 1) in place. */
export function zoomSpan(span: Span, factor: number, anchor: number): Span {
  const length = span.endMs - span.startMs;
  const next = Math.min(windowMsMax, Math.max(windowMsMin, length * factor));
  const fixed = span.startMs + length * anchor;
  return { startMs: fixed - next * anchor, endMs: fixed + next * (1 - anchor) };
}

/** Where `ms` lies in the window, from 0 to 1; its middle when there is nothing to hold. */
export function anchorOf(ms: number | null, span: Span): number {
  if (ms === null) return 0.5;
  return Math.min(1, Math.max(0, (ms - span.startMs) / (span.endMs - span.startMs)));
}

/** Moves the window by a part of its length, but never past the data: one of them stays in view. */
export function panSpan(span: Span, part: number, full: Span): Span {
  const length = span.endMs - span.startMs;
  const wanted = span.startMs + length * part;
  const start = Math.min(full.endMs - length * 0.1, Math.max(full.startMs - length * 0.9, wanted));
  return { startMs: start, endMs: start + length };
}

export function centerSpan(span: Span, ms: number): Span {
  const half = (span.endMs - span.startMs) / 2;
  return { startMs: ms - half, endMs: ms + half };
}

export type TickUnit = "year" | "month" | "day" | "hour";

export interface Tick {
  ms: number;
  unit: TickUnit;
}

interface Step {
  unit: TickUnit;
  count: number;
  ms: number;
}

const steps: Step[] = [
  ...[1, 3, 6, 12].map((count): Step => ({ unit: "hour", count, ms: count * hourMs })),
  ...[1, 2, 7, 14].map((count): Step => ({ unit: "day", count, ms: count * dayMs })),
  ...[1, 3, 6].map((count): Step => ({ unit: "month", count, ms: count * 30.44 * dayMs })),
  ...[1, 2, 5, 10, 20, 50].map((count): Step => ({ unit: "year", count, ms: count * yearMs })),
];

function firstTick(startMs: number, step: Step): number {
  const date = new Date(startMs);
  if (step.unit === "year") {
    return Date.UTC(Math.ceil(date.getUTCFullYear() / step.count) * step.count, 0, 1);
  }
  if (step.unit === "month") {
    const month = Math.ceil(date.getUTCMonth() / step.count) * step.count;
    return Date.UTC(date.getUTCFullYear(), month, 1);
  }
  return Math.ceil(startMs / step.ms) * step.ms;
}

function nextTick(ms: number, step: Step): number {
  const date = new Date(ms);
  if (step.unit === "year") return Date.UTC(date.getUTCFullYear() + step.count, 0, 1);
  if (step.unit === "month") {
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + step.count, 1);
  }
  return ms + step.ms;
}

/** Ticks at round dates, at least `gap` pixels apart. */
export function axisTicks(span: Span, width: number, gap: number): Tick[] {
  const msMin = ((span.endMs - span.startMs) / Math.max(1, width)) * gap;
  const step = steps.find(({ ms }) => ms >= msMin) ?? steps[steps.length - 1];
  if (!step) return [];
  const ticks: Tick[] = [];
  for (let ms = firstTick(span.startMs, step); ms <= span.endMs; ms = nextTick(ms, step)) {
    if (ms >= span.startMs) ticks.push({ ms, unit: step.unit });
  }
  return ticks;
}
