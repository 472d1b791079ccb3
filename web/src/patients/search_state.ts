import type { PatientSearch } from "../api/queries";
import { patchQuery, type QueryPatch } from "../app/router";
import { readTable } from "../parts/table_view";

const ageMax = 130;

function ageIn(text: string | null): number | null {
  const found = /^\d{1,3}$/.exec(text ?? "");
  return found && Number(found[0]) <= ageMax ? Number(found[0]) : null;
}

/** A code as the server matches it: without spaces, in capitals. */
export function codeIn(text: string | null): string {
  return (text ?? "").replace(/\s/g, "").toUpperCase().slice(0, 12);
}

export function readSearch(search: string): PatientSearch {
  const query = new URLSearchParams(search);
  const sex = query.get("sex");
  return {
    sex: sex === "F" || sex === "M" || sex === "U" ? sex : "",
    ageMin: ageIn(query.get("age_min")),
    ageMax: ageIn(query.get("age_max")),
    code: codeIn(query.get("code")),
    page: readTable(search, "").page,
  };
}

export type Criterion = "sex" | "age_min" | "age_max" | "code";

/** A new criterion starts again from the first page. */
export function searchPatch(name: Criterion, text: string): QueryPatch {
  const isAge = name === "age_min" || name === "age_max";
  const age = ageIn(text.trim());
  const value = isAge ? (age === null ? null : String(age)) : name === "code" ? codeIn(text) : text;
  return { [name]: value, page: null };
}

/** The list's search within a patient's address, so that the way back survives a reload. */
const listKey = "list";

/** What to add to a patient's address: the search one comes from. */
export function searchToKeep(search: string): QueryPatch {
  return { [listKey]: patchQuery("", listQuery(search)).slice(1) };
}

/** The list's own query, from the one kept in a patient's address. Other keys are left out. */
export function keptSearch(search: string): QueryPatch {
  return listQuery(new URLSearchParams(search).get(listKey) ?? "");
}

function listQuery(search: string): QueryPatch {
  const query = new URLSearchParams(search);
  return Object.fromEntries(Object.keys(clearedSearch).map((key) => [key, query.get(key)]));
}

export const clearedSearch: QueryPatch = {
  sex: null,
  age_min: null,
  age_max: null,
  code: null,
  page: null,
};

export function isSearching(search: PatientSearch): boolean {
  const { sex, ageMin, ageMax: upTo, code } = search;
  return sex !== "" || ageMin !== null || upTo !== null || code !== "";
}

export function agesCross({ ageMin, ageMax: upTo }: PatientSearch): boolean {
  return ageMin !== null && upTo !== null && ageMin > upTo;
}
