import { describe, expect, test } from "vitest";
import { dayMs } from "../../format/dates";
import { axisTicks, centerSpan, panSpan, toX, zoomSpan } from "./scale";

const day = (text: string) => Date.parse(`${text}T00:00:00Z`);
const span = { startMs: day("2020-01-01"), endMs: day("2025-01-01") };

describe("zoom and pan", () => {
  test("zooming keeps the anchor in place", () => {
    const near = zoomSpan(span, 0.5, 0.25);
    const fixed = span.startMs + (span.endMs - span.startMs) * 0.25;
    expect(toX(fixed, near, 1000)).toBeCloseTo(250);
    expect(near.endMs - near.startMs).toBeCloseTo((span.endMs - span.startMs) / 2);
  });

  test("zooming in stops at an hour", () => {
    const tiny = zoomSpan({ startMs: 0, endMs: 3_600_000 }, 0.01, 0.5);
    expect(tiny.endMs - tiny.startMs).toBe(3_600_000);
  });

  test("panning never loses the data", () => {
    const far = panSpan(span, 50, span);
    expect(far.startMs).toBeLessThan(span.endMs);
    const back = panSpan(span, -50, span);
    expect(back.endMs).toBeGreaterThan(span.startMs);
  });

  test("centering keeps the length", () => {
    const centered = centerSpan(span, day("2024-01-01"));
    expect((centered.startMs + centered.endMs) / 2).toBe(day("2024-01-01"));
  });
});

describe("ticks", () => {
  test("five years on 1000 pixels are marked by round half-years", () => {
    const ticks = axisTicks(span, 1000, 80);
    expect(ticks[0]).toEqual({ ms: day("2020-01-01"), unit: "month" });
    expect(ticks).toHaveLength(11);
  });

  test("ticks keep their distance at every zoom", () => {
    for (let length = dayMs / 8; length < 80_000 * dayMs; length *= 1.7) {
      const window = { startMs: day("2024-02-10"), endMs: day("2024-02-10") + length };
      const xs = axisTicks(window, 900, 70).map(({ ms }) => toX(ms, window, 900));
      for (let i = 1; i < xs.length; i += 1) expect(xs[i]! - xs[i - 1]!).toBeGreaterThan(60);
      expect(xs.length).toBeLessThan(20);
    }
  });
});
