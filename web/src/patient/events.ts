// One patient's record as one list of dated items: what the timeline draws, the chronology lists
// and the filters count. Nothing is dropped here: an item without a readable date keeps its
// startMs null.

import type {
  Condition,
  Drug,
  Flag,
  Measurement,
  MeasurementValue,
  Movement,
  Note,
  Observation,
  PatientRecord,
  Procedure,
  Source,
  Visit,
} from "../api/types";
import { dayMs, hasTime, toMs } from "../format/dates";

export const kinds = [
  "stay",
  "movement",
  "diagnosis",
  "act",
  "drug",
  "lab",
  "observation",
  "report",
] as const;
export type Kind = (typeof kinds)[number];

/** The swim lanes; movements live in the lane of the stays. */
export const lanes = [
  "stay",
  "diagnosis",
  "act",
  "drug",
  "lab",
  "observation",
  "report",
] as const;
export type Lane = (typeof lanes)[number];

export type Body =
  | { kind: "stay"; visit: Visit }
  | { kind: "movement"; movement: Movement; visit: Visit }
  | { kind: "diagnosis"; condition: Condition }
  | { kind: "act"; procedure: Procedure }
  | { kind: "drug"; drug: Drug }
  | { kind: "lab"; analyte: Measurement; result: MeasurementValue }
  | { kind: "observation"; observation: Observation }
  | { kind: "report"; note: Note };

export interface ClinicalEvent {
  /** "kind:id", unique within a record; it names the selected item in the address. */
  key: string;
  lane: Lane;
  start: string;
  end: string | null;
  startMs: number | null;
  /** Where the bar stops: a date without a time counts to the end of its day. */
  endMs: number | null;
  code: string;
  label: string | null;
  flag: Flag;
  visitId: string | null;
  source: Source | null;
  /** Lower case, without accents: what the text filter searches. */
  words: string;
  body: Body;
}

export function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();
}


interface Draft {
  id: string;
  body: Body;
  start: string;
  end: string | null;
  code: string;
  label: string | null;
  visitId: string | null;
  source: Source | null;
  flag?: Flag;
  more?: (string | null)[];
}

function makeEvent(draft: Draft): ClinicalEvent {
  const { id, body, start, end, code, label, visitId, source } = draft;
  const startMs = toMs(start);
  const lastMs = end === null ? null : toMs(end);
  const endMs = lastMs !== null && end !== null && !hasTime(end) ? lastMs + dayMs : lastMs;
  const words = [code, label, ...(draft.more ?? []), source?.file ?? null];
  return {
    key: `${body.kind}:${id}`,
    lane: body.kind === "movement" ? "stay" : body.kind,
    start,
    end,
    startMs,
    endMs: startMs !== null && endMs !== null && endMs < startMs ? null : endMs,
    code,
    label,
    flag: draft.flag ?? null,
    visitId,
    source,
    words: fold(words.filter((word) => word !== null).join(" ")),
    body,
  };
}

function visitEvents(visit: Visit): ClinicalEvent[] {
  const { id, start, end, source } = visit;
  const units = visit.movements.flatMap((movement) => [movement.unit_code, movement.unit_name]);
  const conflicting = visit.conflicts.flatMap(({ kept, other }) => [kept, other]);
  const stay = makeEvent({
    id,
    body: { kind: "stay", visit },
    start,
    end,
    code: visit.ghm ?? "",
    label: null,
    visitId: id,
    source,
    more: [visit.kind, ...units, visit.ghm_label, ...conflicting],
  });
  const movements = visit.movements.map((movement) =>
    makeEvent({
      id: movement.id,
      body: { kind: "movement", movement, visit },
      start: movement.start,
      end: movement.end,
      code: movement.unit_code,
      label: movement.unit_name,
      visitId: id,
      source: movement.source,
    }),
  );
  return [stay, ...movements];
}

function diagnosisEvent(condition: Condition): ClinicalEvent {
  const { id, date, end, code, label, visit_id, source } = condition;
  const body: Body = { kind: "diagnosis", condition };
  const more = [condition.role];
  return makeEvent({ id, body, start: date, end, code, label, visitId: visit_id, source, more });
}

function actEvent(procedure: Procedure): ClinicalEvent {
  const { id, date, code, label, visit_id, source } = procedure;
  const body: Body = { kind: "act", procedure };
  return makeEvent({ id, body, start: date, end: null, code, label, visitId: visit_id, source });
}

function drugEvent(drug: Drug): ClinicalEvent {
  const { id, start, end, code, label, visit_id, source } = drug;
  const body: Body = { kind: "drug", drug };
  const more = [drug.route];
  return makeEvent({ id, body, start, end, code, label, visitId: visit_id, source, more });
}

function labEvents(analyte: Measurement): ClinicalEvent[] {
  const { code, label } = analyte;
  return analyte.values.map((result) =>
    makeEvent({
      id: result.id,
      body: { kind: "lab", analyte, result },
      start: result.time,
      end: null,
      code,
      label,
      visitId: null,
      source: result.source,
      flag: result.flag,
      more: [result.text, analyte.unit],
    }),
  );
}

function observationEvent(observation: Observation): ClinicalEvent {
  const { id, date, code, label, visit_id, source } = observation;
  const body: Body = { kind: "observation", observation };
  const shared = { id, body, start: date, end: null, code, label };
  return makeEvent({ ...shared, visitId: visit_id, source, more: [observation.value] });
}

function reportEvent(note: Note): ClinicalEvent {
  const { id, date, title, text, visit_id, source } = note;
  const body: Body = { kind: "report", note };
  const shared = { id, body, start: date, end: null, code: "", label: title };
  return makeEvent({ ...shared, visitId: visit_id, source, more: [text] });
}

// Undated items come last whatever the order, so that they are found in one place.
export function oldestFirst(a: ClinicalEvent, b: ClinicalEvent): number {
  return (a.startMs ?? Infinity) - (b.startMs ?? Infinity) || (a.key < b.key ? -1 : 1);
}

export function newestFirst(a: ClinicalEvent, b: ClinicalEvent): number {
  if (a.startMs === null || b.startMs === null) return oldestFirst(a, b);
  return b.startMs - a.startMs || (a.key < b.key ? -1 : 1);
}

/** Every item of the record, oldest first. */
export function eventsOf(record: PatientRecord): ClinicalEvent[] {
  const events = [
    ...record.visits.flatMap(visitEvents),
    ...record.conditions.map(diagnosisEvent),
    ...record.procedures.map(actEvent),
    ...record.drugs.map(drugEvent),
    ...record.measurements.flatMap(labEvents),
    ...record.observations.map(observationEvent),
    ...record.notes.map(reportEvent),
  ];
  return events.sort(oldestFirst);
}

/** The lanes in which the record holds anything, whatever the filters. */
export function filledLanes(events: ClinicalEvent[]): Lane[] {
  const filled = new Set(events.map((event) => event.lane));
  return lanes.filter((lane) => filled.has(lane));
}

export interface EventFilter {
  fromMs: number | null;
  toMs: number | null;
  lanes: readonly Lane[];
  text: string;
}

/** Keeps what touches the period, belongs to a shown lane and holds every word of the text. */
export function filterEvents(events: ClinicalEvent[], filter: EventFilter): ClinicalEvent[] {
  const shown = new Set<Lane>(filter.lanes);
  const wanted = fold(filter.text).split(/\s+/).filter((word) => word !== "");
  return events.filter((event) => {
    if (!shown.has(event.lane)) return false;
    if (event.startMs !== null) {
      if (filter.toMs !== null && event.startMs > filter.toMs) return false;
      if (filter.fromMs !== null && (event.endMs ?? event.startMs) < filter.fromMs) return false;
    }
    return wanted.every((word) => event.words.includes(word));
  });
}

export interface Span {
  startMs: number;
  endMs: number;
}

/** The time from the first to the last item, with a margin; null when nothing is dated. */
export function spanOf(events: ClinicalEvent[]): Span | null {
  let first = Infinity;
  let last = -Infinity;
  for (const event of events) {
    if (event.startMs === null) continue;
    first = Math.min(first, event.startMs);
    last = Math.max(last, event.endMs ?? event.startMs);
  }
  if (first > last) return null;
  const margin = Math.max((last - first) * 0.02, dayMs);
  return { startMs: first - margin, endMs: last + margin };
}
