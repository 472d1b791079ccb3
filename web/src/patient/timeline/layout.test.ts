import { describe, expect, test } from "vitest";
import { toMs } from "../../format/dates";
import { eventsOf, lanes, spanOf, type ClinicalEvent } from "../events";
import { sampleRecord } from "../sample_record";
import { layoutTimeline, markGapPx, neighbour } from "./layout";

const events = eventsOf(sampleRecord);
const month = { startMs: toMs("2025-02-25") ?? 0, endMs: toMs("2025-03-25") ?? 0 };
const decade = { startMs: toMs("2018-01-01") ?? 0, endMs: toMs("2028-01-01") ?? 0 };

function labs(count: number): ClinicalEvent[] {
  const values = Array.from({ length: count }, (_, i) => ({
    ...sampleRecord.measurements[0]!.values[0]!,
    id: String(i),
    time: new Date(Date.UTC(2020, 0, 1) + i * 7 * 3_600_000).toISOString(),
  }));
  const measurements = [{ ...sampleRecord.measurements[0]!, values }];
  const empty = { visits: [], conditions: [], procedures: [], notes: [] };
  return eventsOf({ ...sampleRecord, ...empty, measurements });
}

describe("the layout", () => {
  test("every dated event inside the window stands in exactly one glyph", () => {
    for (const span of [month, decade]) {
      const layout = layoutTimeline(events, lanes, span, 1000);
      const held = layout.lanes.flatMap((lane) => lane.glyphs.flatMap((glyph) => glyph.events));
      expect(held.map((event) => event.key).sort()).toEqual(
        events.filter((event) => event.startMs !== null).map((event) => event.key).sort(),
      );
      expect(layout.undatedCount).toBe(1);
    }
  });

  test("three thousand results merge without losing one, and marks never touch", () => {
    const many = labs(3000);
    const layout = layoutTimeline(many, ["lab"], spanOf(many)!, 900);
    const glyphs = layout.lanes[0]!.glyphs;
    expect(glyphs.reduce((sum, glyph) => sum + glyph.events.length, 0)).toBe(3000);
    for (let i = 1; i < glyphs.length; i += 1) {
      expect(glyphs[i]!.x0 - glyphs[i - 1]!.x0).toBeGreaterThanOrEqual(markGapPx);
    }
  });

  test("a wide stay shows its units under it; a narrow one holds them", () => {
    const wide = layoutTimeline(events, ["stay"], month, 1000).lanes[0]!.glyphs;
    expect(wide.map(({ id, row }) => [id, row])).toEqual([
      ["stay:1", 0],
      ["movement:10", 1],
      ["movement:11", 1],
    ]);
    expect(wide[1]!.x1).toBe(wide[2]!.x0);
    const narrow = layoutTimeline(events, ["stay"], decade, 1000).lanes[0]!.glyphs;
    expect(narrow).toHaveLength(1);
    expect(narrow[0]!.events).toHaveLength(3);
  });

  test("overlapping stays take different rows", () => {
    const visit = sampleRecord.visits[0]!;
    const second = { ...visit, id: "2", start: "2025-03-04", movements: [] };
    const both = eventsOf({ ...sampleRecord, visits: [{ ...visit, movements: [] }, second] });
    const stays = both.filter((event) => event.lane === "stay");
    const glyphs = layoutTimeline(stays, ["stay"], month, 1000).lanes[0]!.glyphs;
    expect(glyphs.map((glyph) => glyph.row)).toEqual([0, 2]);
  });

  test("events outside the window are counted", () => {
    const later = { startMs: toMs("2026-01-01") ?? 0, endMs: toMs("2026-02-01") ?? 0 };
    expect(layoutTimeline(events, lanes, later, 1000).outsideCount).toBe(events.length - 1);
  });
});

describe("arrow keys", () => {
  const layout = layoutTimeline(events, lanes, month, 1000);

  test("left and right stay in the lane", () => {
    expect(neighbour(layout, "stay:1", "right")?.id).toBe("movement:10");
    expect(neighbour(layout, "stay:1", "left")).toBeNull();
  });

  test("up and down skip empty lanes", () => {
    expect(neighbour(layout, "act:1", "down")?.id).toBe("lab:1");
    expect(neighbour(layout, "act:1", "up")?.id).toBe("diagnosis:1");
  });
});
