import { keepPreviousData, mutationOptions, queryOptions } from "@tanstack/react-query";
import { ApiError, checkShape, getJson, postJson } from "./client";
import type {
  Identity,
  LookReason,
  PatientPage,
  PatientRecord,
  Session,
  SourceFile,
} from "./types";

export interface PatientSearch {
  sex: "" | "F" | "M" | "U";
  ageMin: number | null;
  ageMax: number | null;
  code: string;
  /** The first page is 1. */
  page: number;
}

export const patientPageRows = 50;

export function patientsPath(search: PatientSearch): string {
  const query = new URLSearchParams();
  query.set("limit", String(patientPageRows));
  query.set("offset", String((search.page - 1) * patientPageRows));
  if (search.sex) query.set("sex", search.sex);
  if (search.ageMin !== null) query.set("age_min", String(search.ageMin));
  if (search.ageMax !== null) query.set("age_max", String(search.ageMax));
  if (search.code) query.set("code", search.code);
  return `/api/v1/patients?${query}`;
}

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }) => {
    const path = "/api/v1/session";
    return checkShape<Session>(await getJson(path, signal), [], ["release", "user"], path);
  },
});

export const patientsQuery = (search: PatientSearch) =>
  queryOptions({
    queryKey: ["patients", search],
    queryFn: async ({ signal }) => {
      const path = patientsPath(search);
      return checkShape<PatientPage>(await getJson(path, signal), ["patients"], [], path);
    },
    placeholderData: keepPreviousData,
  });

const recordLists = [
  "visits",
  "conditions",
  "procedures",
  "measurements",
  "drugs",
  "observations",
  "notes",
];

export const patientQuery = (id: string) =>
  queryOptions({
    queryKey: ["patient", id],
    queryFn: async ({ signal }) => {
      const path = `/api/v1/patients/${encodeURIComponent(id)}`;
      const record = checkShape<PatientRecord>(
        await getJson(path, signal),
        recordLists,
        ["person"],
        path,
      );
      // Showing one patient's record under another's address is the worst thing we could do.
      if (record.person.person_id !== id) {
        throw new ApiError("bad-answer", "person_id", 200, path);
      }
      return record;
    },
  });

/** Who the patient is. A mutation, so that no cache holds the answer once its page is left. */
export const identityMutation = (id: string) =>
  mutationOptions({
    gcTime: 0,
    mutationFn: async (reason: LookReason) => {
      const path = `/api/v1/patients/${encodeURIComponent(id)}/identity`;
      const answer = await postJson(path, { reason });
      const identity = checkShape<Identity>(answer, ["identifiers"], [], path);
      if (identity.person_id !== id) throw new ApiError("bad-answer", "person_id", 200, path);
      return identity;
    },
  });

export const sourceQuery = (id: number) =>
  queryOptions({
    queryKey: ["source", id],
    queryFn: async ({ signal }) => {
      const path = `/api/v1/sources/${id}`;
      return checkShape<SourceFile>(await getJson(path, signal), [], [], path);
    },
    staleTime: Infinity,
  });
