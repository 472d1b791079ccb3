import { describe, expect, test } from "vitest";
import { patchQuery } from "./router";

describe("the query", () => {
  test("a patch sets, replaces and removes, and leaves the rest", () => {
    expect(patchQuery("?sex=F&page=3", { page: null, code: "I21" })).toBe("?sex=F&code=I21");
  });

  test("item keys stay readable", () => {
    expect(patchQuery("", { item: "lab:12", show: "lab,act" })).toBe("?item=lab:12&show=lab,act");
  });

  test("an empty query leaves no question mark", () => {
    expect(patchQuery("?q=x", { q: "" })).toBe("");
  });
});
