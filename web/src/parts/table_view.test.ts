import { expect, test } from "vitest";
import { readTable } from "./table_view";

test("a table without a word in the address shows its first page in its own order", () => {
  expect(readTable("", "acts")).toEqual({ page: 1, sort: null });
});

test("page and order are read under the table's name", () => {
  expect(readTable("?acts_page=3&acts_sort=-date&page=9", "acts")).toEqual({
    page: 3,
    sort: { id: "date", desc: true },
  });
  expect(readTable("?page=9", "").page).toBe(9);
});

test("nonsense is the first page", () => {
  expect(readTable("?page=0", "").page).toBe(1);
  expect(readTable("?page=-2", "").page).toBe(1);
});
