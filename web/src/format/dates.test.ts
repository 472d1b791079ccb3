import { describe, expect, test } from "vitest";
import { dateAsTyped, formatDate, formatTime, nightCount, readTypedDate, toMs } from "./dates";

describe("dates", () => {
  test("a French date is day, month, year", () => {
    expect(formatDate("1961-04-02", "fr-FR")).toBe("02/04/1961");
  });

  test("an English date spells its month", () => {
    expect(formatDate("1961-04-02", "en-GB")).toBe("2 Apr 1961");
  });

  test("a time keeps the wall clock of the source, whatever its offset", () => {
    expect(formatTime("2025-03-01T08:10:00+02:00", "fr-FR")).toContain("08:10");
    expect(toMs("2025-03-01T08:10:00Z")).toBe(toMs("2025-03-01T08:10:00"));
  });

  test("a time at midnight is still a time", () => {
    expect(formatTime("2025-03-01T00:00:00", "fr-FR")).toContain("00:00");
  });

  test("a text that is no date is shown as it came", () => {
    expect(formatDate("2025-02-31", "fr-FR")).toBe("2025-02-31");
    expect(formatDate("inconnue", "fr-FR")).toBe("inconnue");
    expect(toMs("2025-13-01")).toBeNull();
    expect(toMs("")).toBeNull();
    expect(toMs("0025-01-01")).toBeNull();
  });

  test("nights are counted by date, and not for a stay that ends before it begins", () => {
    expect(nightCount("2025-03-01T23:50:00", "2025-03-02T00:10:00")).toBe(1);
    expect(nightCount("2025-03-09", "2025-03-01")).toBeNull();
    expect(nightCount("2025-03-09", null)).toBeNull();
  });
});

test("a date is typed day first, in the usual ways, and never guessed", () => {
  const texts = ["2/3/2025", "02.03.2025", "02032025", " 02-03-2025 ", "2025-03-02"];
  expect(texts.map(readTypedDate)).toEqual(Array(5).fill("2025-03-02"));
  expect(["31/02/2025", "13/13/2025", "2/3/25", "2025", ""].map(readTypedDate)).toEqual(
    Array(5).fill(null),
  );
  expect([dateAsTyped("2025-03-02"), dateAsTyped("")]).toEqual(["02/03/2025", ""]);
});
