import { describe, expect, test } from "vitest";
import { patchQuery, routeOf } from "./router";

describe("routes", () => {
  test("the root and /patients are the list", () => {
    expect(routeOf("/")).toEqual({ name: "patients" });
    expect(routeOf("/patients/")).toEqual({ name: "patients" });
  });

  test("a patient's address keeps a 64-bit id whole", () => {
    const id = "9223372036854775807";
    expect(routeOf(`/patients/${id}`)).toEqual({ name: "patient", id });
  });

  test("anything else is unknown, even a badly encoded id", () => {
    expect(routeOf("/patients/1/labs").name).toBe("unknown");
    expect(routeOf("/patients/%E0%A4%A").name).toBe("unknown");
  });
});

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
