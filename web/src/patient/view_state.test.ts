import { expect, test } from "vitest";
import { patchQuery } from "../app/router";
import { toMs } from "../format/dates";
import { lanes } from "./events";
import { filterOf, isFiltered, readView, viewPatch, type ViewState } from "./view_state";

const full: ViewState = {
  tab: "list",
  from: "2024-01-01",
  to: "2024-12-31",
  text: "I21 & co",
  lanes: ["lab", "act"].sort() as ViewState["lanes"],
  item: "lab:9223372036854775807",
  window: { startMs: toMs("2024-01-01") ?? 0, endMs: toMs("2024-02-01") ?? 0 },
  analyte: "2160-0",
  labView: "table",
};

test("a view written to the address reads back the same", () => {
  expect(readView(patchQuery("", viewPatch(full)))).toEqual(full);
});

test("the plain view leaves nothing in the address", () => {
  const plain = readView("");
  expect(isFiltered(plain)).toBe(false);
  expect(patchQuery("?lang=en", viewPatch(plain))).toBe("?lang=en");
});

test("hiding every lane is not the same as showing all", () => {
  const search = patchQuery("", viewPatch({ lanes: [] }));
  expect(readView(search).lanes).toEqual([]);
  expect(readView("").lanes).toEqual(lanes);
});

test("nonsense in the address falls back to the plain view", () => {
  const view = readView("?tab=x&from=2024-02-31&window=9~3&labview=pie");
  expect(view).toEqual(readView(""));
});

test("the last day of the period is included", () => {
  const filter = filterOf({ ...full, to: "2024-12-31" });
  expect(filter.toMs).toBeGreaterThan(toMs("2024-12-31T23:59:00") ?? 0);
});
