import { expect, test } from "vitest";
import { unitWords } from "./units";

const fr = (unit: string | null) => unitWords(unit, { language: "fr" });
const en = (unit: string | null) => unitWords(unit, { language: "en" });

test("powers of ten are printed as laboratories of each country do", () => {
  expect([fr("10*9/L"), fr("10*12/L"), fr("10*3/uL")]).toEqual(["G/L", "T/L", "10³/µL"]);
  expect([en("10*9/L"), en("10*12/L")]).toEqual(["10⁹/L", "10¹²/L"]);
});

test("micro has its letter, but not in units that only begin with a u", () => {
  expect([fr("umol/L"), fr("ug/L{FEU}"), en("/uL")]).toEqual(["µmol/L", "µg/L FEU", "/µL"]);
  expect(fr("U/L")).toBe("U/L");
});

test("international units, mercury and body surface are written out", () => {
  expect([fr("m[IU]/L"), en("m[IU]/L"), fr("mm[Hg]")]).toEqual(["mUI/L", "mIU/L", "mmHg"]);
  expect(fr("mL/min/{1.73_m2}")).toBe("mL/min/1,73 m²");
  expect(en("mL/min/{1.73_m2}")).toBe("mL/min/1.73 m²");
});

test("a mere annotation is no unit, and an unknown unit stays as it came", () => {
  expect([fr("{INR}"), fr(null), fr("furlong"), fr("mmol/L"), fr("%")]).toEqual([
    "",
    "",
    "furlong",
    "mmol/L",
    "%",
  ]);
});
