import { describe, expect, test } from "vitest";
import { formatDate, formatTime, nightCount, toMs } from "./dates";

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
