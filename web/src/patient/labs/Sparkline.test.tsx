// @vitest-environment jsdom
import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { MeasurementValue } from "../../api/types";
import { show } from "../../test_page";
import { eventsOf } from "../events";
import { sampleRecord } from "../sample_record";
import { analytesOf } from "./analytes";
import { Sparkline } from "./Sparkline";

const creatinine = sampleRecord.measurements[0]!;

function showValues(values: (number | null)[]) {
  const results = values.map((value, index): MeasurementValue => ({
    ...creatinine.values[0]!,
    id: String(index),
    time: `2025-03-0${index + 1}T08:00:00`,
    value,
    text: value === null ? "<5" : null,
  }));
  const measurements = [{ ...creatinine, values: results }];
  const [analyte] = analytesOf(eventsOf({ ...sampleRecord, measurements }));
  return show(<Sparkline analyte={analyte!} />);
}

test("the run of an analyte is said in words: how many values, from the least to the most", () => {
  showValues([88, 45.5, 120]);
  expect(screen.getByRole("img", { name: "3 valeurs, de 45,5 à 120" })).toBeDefined();
});

test("a low value is drawn below a high one, and the last one has its point", () => {
  const { container } = showValues([10, 20]);
  const line = container.querySelector("polyline")?.getAttribute("points") ?? "";
  const [first, last] = line.split(" ").map((point) => Number(point.split(",")[1]));
  expect(first).toBeGreaterThan(last!);
  expect(Number(container.querySelector("circle")?.getAttribute("cy"))).toBe(last);
});

test("the reference range stands behind, cut to the box", () => {
  const { container } = showValues([10, 20]);
  // 45 to 84 lies above both values: what is left of it has no height in the box.
  expect(Number(container.querySelector("rect")?.getAttribute("height"))).toBeGreaterThanOrEqual(0);
  const inside = showValues([40, 90]).container.querySelector("rect");
  expect(Number(inside?.getAttribute("height"))).toBeCloseTo((20 * (84 - 45)) / (90 - 40));
});

test("results without a number are counted instead of drawn", () => {
  showValues([null, null]);
  expect(screen.queryByRole("img")).toBeNull();
  expect(screen.getByText("2 résultats")).toBeDefined();
});
