// Patients that have what a test needs, found through the API of the server under test: no test
// knows a patient by heart.

import { expect, type APIRequestContext } from "@playwright/test";
import type { PatientPage, PatientRecord, PatientSummary } from "../../src/api/types";

const pageRows = 200;
const recordsReadMax = 60;

let everyone: Promise<PatientSummary[]> | null = null;
const records = new Map<string, Promise<PatientRecord>>();

async function getJson<T>(request: APIRequestContext, path: string): Promise<T> {
  const response = await request.get(path);
  expect(response.ok(), `${path}: ${response.status()}`).toBe(true);
  return (await response.json()) as T;
}

async function readEveryone(request: APIRequestContext): Promise<PatientSummary[]> {
  const found: PatientSummary[] = [];
  for (;;) {
    const path = `/api/v1/patients?limit=${pageRows}&offset=${found.length}`;
    const page = await getJson<PatientPage>(request, path);
    found.push(...page.patients);
    if (page.patients.length === 0 || found.length >= page.total) return found;
  }
}

/** All patients, those with most stays first. */
export async function patientsOf(request: APIRequestContext): Promise<PatientSummary[]> {
  everyone ??= readEveryone(request);
  return [...(await everyone)].sort((a, b) => b.visit_count - a.visit_count);
}

export function recordOf(request: APIRequestContext, id: string): Promise<PatientRecord> {
  const known = records.get(id) ?? getJson<PatientRecord>(request, `/api/v1/patients/${id}`);
  records.set(id, known);
  return known;
}

/** The first patient whose record has what `need` asks; the test fails when none has. */
export async function findRecord(
  request: APIRequestContext,
  what: string,
  need: (record: PatientRecord) => boolean,
): Promise<PatientRecord> {
  for (const { person_id: id } of (await patientsOf(request)).slice(0, recordsReadMax)) {
    const record = await recordOf(request, id);
    if (need(record)) return record;
  }
  throw new Error(`no patient has ${what} among the ${recordsReadMax} with most stays`);
}

/** A patient with stays, diagnoses, acts, curves and reports. */
export function findBusy(request: APIRequestContext): Promise<PatientRecord> {
  return findRecord(request, "a bit of everything", (record) => {
    const curves = record.measurements.filter(({ values }) => values.length > 4);
    const lists = [record.visits, record.conditions, record.procedures, record.notes, curves];
    return lists.every((list) => list.length > 3);
  });
}

/** A patient of whom nothing but the person is known. */
export async function findEmpty(request: APIRequestContext): Promise<PatientRecord> {
  const idle = (await patientsOf(request)).filter(({ visit_count: visits }) => visits === 0);
  for (const { person_id: id } of idle.slice(0, recordsReadMax)) {
    const record = await recordOf(request, id);
    if (record.measurements.length + record.observations.length + record.notes.length === 0) {
      return record;
    }
  }
  throw new Error("no patient is without any data");
}
