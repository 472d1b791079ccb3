import { expect, test } from "vitest";
import { formatNumber, formatRange } from "./numbers";

test("numbers follow the language", () => {
  expect(formatNumber(0.995, "fr-FR")).toBe("0,995");
  expect(formatNumber(0.995, "en-GB")).toBe("0.995");
});

test("a range may be open on one side, or absent", () => {
  expect(formatRange(60, 110, "fr-FR")).toBe("60 – 110");
  expect(formatRange(null, 5, "fr-FR")).toBe("≤ 5");
  expect(formatRange(0, null, "fr-FR")).toBe("≥ 0");
  expect(formatRange(null, null, "fr-FR")).toBe("");
});
