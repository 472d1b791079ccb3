import { keepPreviousData, mutationOptions, queryOptions } from "@tanstack/react-query";
import { ApiError, checkShape, getJson, keepPageToken, postJson } from "./client";
import type {
  Identity,
  LookReason,
  Me,
  PatientPage,
  PatientRecord,
  Session,
  SignInWays,
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

export const waysQuery = queryOptions({
  queryKey: ["ways"],
  queryFn: async ({ signal }) => {
    const path = "/api/v1/sign-in";
    return checkShape<SignInWays>(await getJson(path, signal), [], [], path);
  },
});

/** Who is signed in; a failure of status 401 says that nobody is. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    const path = "/api/v1/me";
    const me = checkShape<Me>(
      await getJson(path, signal),
      ["accesses", "decisions"],
      ["user"],
      path,
    );
    keepPageToken(me.session?.csrf ?? "");
    return me;
  },
});

async function postForToken(path: string, body: Record<string, unknown>): Promise<void> {
  const { csrf } = checkShape<{ csrf: string }>(await postJson(path, body), [], [], path);
  keepPageToken(csrf);
}

interface NameAndPassword {
  name: string;
  password: string;
}

export const signInMutation = mutationOptions({
  gcTime: 0,
  mutationFn: (given: NameAndPassword) => postForToken("/api/v1/sign-in", { ...given }),
});

/** The password again, for what asks whether it is still the same person. */
export const proofMutation = mutationOptions({
  gcTime: 0,
  mutationFn: (password: string) => postForToken("/api/v1/step-up", { password }),
});

/** The browser leaves to prove who it is, at the provider, and comes back to `page`. */
const leaveFor = (path: string) =>
  mutationOptions({
    gcTime: 0,
    mutationFn: async (page: string) => {
      const { address } = checkShape<{ address: string }>(
        await postJson(path, { page }),
        [],
        [],
        path,
      );
      return address;
    },
    onSuccess: (address) => window.location.assign(address),
  });
export const leaveToSignInMutation = leaveFor("/api/v1/sign-in/provider");
export const leaveToProveMutation = leaveFor("/api/v1/step-up/provider");

/** The provider's own sign-out page, for a session that began there. */
export const signOutMutation = mutationOptions({
  mutationFn: async () => {
    const path = "/api/v1/sign-out";
    return checkShape<{ address: string | null }>(await postJson(path, {}), [], [], path).address;
  },
});

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
