import { describe, expect, test } from "vitest";
import { en } from "./en";
import { fr } from "./fr";
import { speechOf } from "./language";
import { listTexts, type Plural } from "./texts";

const french = listTexts(fr);
const english = listTexts(en);

function namesIn(text: string | Plural | undefined): string[] {
  const whole = typeof text === "string" ? text : `${text?.one} ${text?.other}`;
  return [...new Set([...whole.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? ""))].sort();
}

describe("the catalogue", () => {
  test("both languages have the same keys", () => {
    expect([...english.keys()].sort()).toEqual([...french.keys()].sort());
  });

  test("each text takes the same values in both languages", () => {
    for (const [key, text] of french) {
      expect([key, namesIn(english.get(key))]).toEqual([key, namesIn(text)]);
    }
  });

  test("no text is empty", () => {
    for (const text of [...french.values(), ...english.values()]) {
      if (typeof text === "string") expect(text.trim()).not.toBe("");
      else expect([text.one.trim(), text.other.trim()]).not.toContain("");
    }
  });
});

describe("plurals and numbers", () => {
  test("nought is singular in French and plural in English", () => {
    expect(speechOf("fr").t("person.stays", { n: 0 })).toBe("0 séjour");
    expect(speechOf("en").t("person.stays", { n: 0 })).toBe("0 stays");
  });

  test("numbers are grouped as the language does", () => {
    expect(speechOf("en").t("list.total", { n: 2000 })).toBe("2,000 patients");
    expect(speechOf("fr").t("list.total", { n: 2000 })).toMatch(/^2\s000 patients$/u);
  });
});
