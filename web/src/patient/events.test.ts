import { describe, expect, test } from "vitest";
import { toMs } from "../format/dates";
import { eventsOf, filterEvents, lanes, newestFirst, spanOf } from "./events";
import { sampleRecord } from "./sample_record";

const events = eventsOf(sampleRecord);
const all = { fromMs: null, toMs: null, lanes, text: "" };
const keys = (list: typeof events) => list.map((event) => event.key);

describe("the items of a record", () => {
  test("nothing is dropped, and keys are unique", () => {
    expect(events).toHaveLength(8);
    expect(new Set(keys(events)).size).toBe(8);
  });

  test("an item without a readable date is kept, last in both orders", () => {
    expect(events.at(-1)?.key).toBe("lab:2");
    expect([...events].sort(newestFirst).at(-1)?.key).toBe("lab:2");
  });

  test("a date without a time lasts to the end of its day", () => {
    const stay = events.find((event) => event.key === "stay:1");
    expect(stay?.endMs).toBe(toMs("2025-03-10"));
  });

  test("a stay that ends before it begins has no length", () => {
    const visit = { ...sampleRecord.visits[0]!, end: "2025-02-01", movements: [] };
    const [stay] = eventsOf({ ...sampleRecord, visits: [visit] }).filter((e) => e.lane === "stay");
    expect(stay?.endMs).toBeNull();
  });
});

describe("the filters", () => {
  test("without criteria everything stays", () => {
    expect(filterEvents(events, all)).toHaveLength(events.length);
  });

  test("text ignores accents and case, and every word must match", () => {
    expect(keys(filterEvents(events, { ...all, text: "INFARCTUS anterieure" }))).toEqual([
      "diagnosis:1",
    ]);
    expect(filterEvents(events, { ...all, text: "infarctus postérieure" })).toEqual([]);
  });

  test("a period keeps what overlaps it", () => {
    const found = filterEvents(events, { ...all, fromMs: toMs("2025-03-05"), lanes: ["stay"] });
    expect(keys(found)).toEqual(["stay:1", "movement:11"]);
  });

  test("an undated item is not hidden by a period", () => {
    const found = filterEvents(events, { ...all, fromMs: toMs("2030-01-01"), lanes: ["lab"] });
    expect(keys(found)).toEqual(["lab:2"]);
  });
});

test("the span covers every dated item", () => {
  const span = spanOf(events);
  expect(span?.startMs).toBeLessThan(toMs("2025-03-01") ?? 0);
  expect(span?.endMs).toBeGreaterThan(toMs("2025-03-10") ?? 0);
  expect(spanOf([])).toBeNull();
});
