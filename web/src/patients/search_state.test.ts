import { expect, test } from "vitest";
import { patientsPath } from "../api/queries";
import { patchQuery } from "../app/router";
import {
  agesCross,
  isSearching,
  keptSearch,
  readSearch,
  searchPatch,
  searchToKeep,
} from "./search_state";

test("the search is read from the address", () => {
  expect(readSearch("?sex=F&age_min=40&age_max=70&code=i21&page=3")).toEqual({
    sex: "F",
    ageMin: 40,
    ageMax: 70,
    code: "I21",
    page: 3,
  });
});

test("nonsense criteria are left out", () => {
  const search = readSearch("?sex=Z&age_min=abc&age_max=999&page=-1");
  expect(isSearching(search)).toBe(false);
  expect(search.page).toBe(1);
});

test("a new criterion starts again from the first page", () => {
  expect(searchPatch("code", " i 21")).toEqual({ code: "I21", page: null });
  expect(searchPatch("age_min", "x")).toEqual({ age_min: null, page: null });
});

test("only the criteria in use are sent, with the page's offset", () => {
  expect(patientsPath(readSearch("?code=I21&page=3"))).toBe(
    "/api/v1/patients?limit=50&offset=100&code=I21",
  );
});

test("an age of nought is a criterion", () => {
  expect(patientsPath(readSearch("?age_max=0"))).toContain("age_max=0");
});

test("crossed ages are noticed", () => {
  expect(agesCross(readSearch("?age_min=70&age_max=40"))).toBe(true);
  expect(agesCross(readSearch("?age_min=40&age_max=40"))).toBe(false);
});

test("a patient's address keeps the search one came from, and nothing else of it", () => {
  const patient = patchQuery("", searchToKeep("?sex=F&code=I21&page=2&lang=en"));
  expect(patchQuery("", keptSearch(`${patient}&item=lab:1`))).toBe("?sex=F&code=I21&page=2");
  expect(patchQuery("", keptSearch("?item=lab:1"))).toBe("");
});
