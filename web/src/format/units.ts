// A unit of UCUM in the way laboratories print it: 10*9/L is G/L in French and 10⁹/L in English.
// What is not known here is shown as it came; a unit is never guessed.

import type { Speech } from "../texts/language";

const superscripts = new Map([..."0123456789"].map((digit, i) => [digit, [..."⁰¹²³⁴⁵⁶⁷⁸⁹"][i]]));

// French laboratories name the powers of ten; the others print them.
const frenchPowers = new Map([
  ["10*12/L", "T/L"],
  ["10*9/L", "G/L"],
]);

const plain: [RegExp, string][] = [
  [/mm\[Hg\]/g, "mmHg"],
  [/\[pH\]/g, "pH"],
  [/\bCel\b/g, "°C"],
  [/(^|[/.])u(?=[A-Za-z])/g, "$1µ"],
];

// "{1.73_m2}" is a size, "{INR}" alone is no unit, "{FEU}" says what is counted.
function annotation(inner: string, isWhole: boolean, isFrench: boolean): string {
  if (inner === "1.73_m2") return isFrench ? "1,73 m²" : "1.73 m²";
  return isWhole ? "" : ` ${inner.replaceAll("_", " ")}`;
}

/** The unit in words; empty for none. */
export function unitWords(unit: string | null, { language }: Pick<Speech, "language">): string {
  if (unit === null) return "";
  const isFrench = language === "fr";
  const named = isFrench ? frenchPowers.get(unit) : undefined;
  if (named) return named;
  let text = unit;
  for (const [pattern, words] of plain) text = text.replace(pattern, words);
  return text
    .replace(/10\*(\d+)/g, (_, power: string) => {
      return `10${[...power].map((digit) => superscripts.get(digit) ?? digit).join("")}`;
    })
    .replace(/\[IU\]/g, isFrench ? "UI" : "IU")
    .replace(/\{([^}]*)\}/g, (whole, inner: string) =>
      annotation(inner, whole === unit, isFrench),
    );
}
