import { expect, test } from "vitest";
import { eventsOf } from "../events";
import { sampleRecord } from "../sample_record";
import { analytesOf, sparkline } from "./analytes";

test("an analyte counts the results its curve cannot show", () => {
  const [creatinine] = analytesOf(eventsOf(sampleRecord));
  expect(creatinine).toMatchObject({ unplottedCount: 1, points: [{ value: 88 }] });
  expect(creatinine?.last.id).toBe("1");
});

test("two units of one code are two rows", () => {
  const base = sampleRecord.measurements[0]!;
  const measurements = [base, { ...base, unit: "mg/L", values: [{ ...base.values[0]!, id: "9" }] }];
  expect(analytesOf(eventsOf({ ...sampleRecord, measurements }))).toHaveLength(2);
});

test("a sparkline spans its box, and a single or constant value lies in the middle", () => {
  const rising = sparkline([{ ms: 0, value: 1 }, { ms: 10, value: 3 }], 100, 20);
  expect(rising).toMatchObject({ line: "0.0,20.0 100.0,0.0", x: 100, y: 0 });
  expect(sparkline([{ ms: 5, value: 7 }], 100, 20)).toMatchObject({ x: 50, y: 10 });
  expect(sparkline([], 100, 20)).toBeNull();
});
