// Invented patients, made on demand from their number. Some rows are deliberately awkward: labels
// missing, stays left open, results below a threshold, sources unknown, contradictions.

import { randomOf } from "./random.mjs";
import { analytes, external, pathways, reportTexts } from "./vocabulary.mjs";

const dayMs = 86_400_000;
const today = Date.UTC(2025, 10, 15);

export const patientCount = 2000;
/** Patient 1 has a long record (dialysis, thousands of results); patient 2 has none. */
export const firstId = 9_007_199_254_740_993n; // Past 2^53: ids must travel as strings.

const date = (ms) => new Date(ms).toISOString().slice(0, 10);
const time = (ms) => new Date(ms).toISOString().slice(0, 19);

export const sources = [
  { source_id: 7, file: "rss_2025.txt", format: "pmsi-rss", fed_at: "2025-11-02T06:12:40", rows: 48_211, rejects: 2 },
  { source_id: 8, file: "labo_2025.csv", format: "labs-csv", fed_at: "2025-11-03T02:00:11", rows: 1_204_118, rejects: 311 },
  { source_id: 9, file: "crh_2025.xml", format: "cda", fed_at: "2025-11-03T04:30:00", rows: 9_120, rejects: 0 },
  { source_id: 10, file: "pharmacie_2025.csv", format: "csv", fed_at: "2025-11-03T05:00:00", rows: 210_554, rejects: 18 },
];

function makeBook(seed) {
  const random = randomOf(seed);
  let counter = 0;
  return {
    random,
    id: () => String(seed * 100_000 + (counter += 1)),
    from: (index) => {
      const { file, rows, source_id } = sources[index];
      return { file, position: random.whole(1, rows), source_id };
    },
  };
}

function personOf(number) {
  const random = randomOf(number * 31 + 7);
  const birth = today - random.whole(number % 9 === 0 ? 300 : 6_800, 34_000) * dayMs;
  const isDead = number % 23 === 0;
  const age = Math.floor((today - birth) / (365.25 * dayMs));
  return {
    person_id: String(firstId + BigInt(number - 1)),
    sex: number % 97 === 0 ? "U" : random.chance(0.52) ? "F" : "M",
    birth_date: date(birth),
    age_years: age,
    death_date: isDead ? date(today - random.whole(3, 200) * dayMs) : null,
  };
}

function addStay(record, book, startMs, pathway) {
  const { random } = book;
  const nights = random.whole(1, 11);
  const isOpen = startMs + nights * dayMs > today;
  const endMs = startMs + nights * dayMs;
  const visitId = book.id();
  const parts = pathway.units.length;
  const movements = pathway.units.map(([code, name], index) => ({
    id: book.id(),
    start: date(startMs + Math.floor((nights * index) / parts) * dayMs),
    end: isOpen && index === parts - 1 ? null : date(startMs + Math.floor((nights * (index + 1)) / parts) * dayMs),
    unit_code: code,
    unit_name: random.chance(0.1) ? null : name,
    source: book.from(0),
  }));
  record.visits.push({
    id: visitId,
    start: date(startMs),
    end: isOpen ? null : date(endMs),
    kind: "inpatient",
    entry_mode: "8",
    exit_mode: isOpen ? null : random.pick(["8", "8", "7"]),
    ghm: isOpen ? null : pathway.ghm,
    conflicts: random.chance(0.12)
      ? ["Date de sortie : rss_2025.txt donne un jour de plus que vidhosp_2025.txt."]
      : [],
    source: book.from(0),
    movements,
  });
  const coded = [["DP", pathway.main], ...pathway.others.map((other) => ["DA", other])];
  if (random.chance(0.15)) coded.push(["DR", pathway.others[0]]);
  for (const [role, [code, label]] of coded) {
    record.conditions.push({
      id: book.id(), date: date(startMs), end: null, code, label: random.chance(0.06) ? null : label,
      role, visit_id: visitId, movement_id: movements[0].id, source: book.from(0),
    });
  }
  for (const [code, label] of pathway.acts) {
    record.procedures.push({
      id: book.id(), date: date(Math.min(today, startMs + random.whole(0, nights) * dayMs)), code, label,
      phase: "0", activity: random.pick(["1", "1", "4"]), quantity: 1, visit_id: visitId, source: book.from(0),
    });
  }
  for (const [code, label, route] of pathway.drugs) {
    record.drugs.push({
      id: book.id(), start: date(startMs), end: isOpen ? null : date(endMs), code, label,
      quantity: random.whole(1, 3), route, visit_id: visitId, source: random.chance(0.1) ? null : book.from(3),
    });
  }
  for (let day = 0; day <= Math.min(nights, Math.floor((today - startMs) / dayMs)); day += 1) {
    record.bloodTests.push(startMs + day * dayMs + random.whole(370, 560) * 60_000);
  }
  if (!isOpen) addReport(record, book, endMs, 0, visitId);
  return visitId;
}

function addOutpatient(record, book, startMs, kind) {
  const visitId = book.id();
  const { random } = book;
  record.visits.push({
    id: visitId, start: date(startMs), end: date(startMs), kind, entry_mode: null, exit_mode: null, ghm: null,
    conflicts: [], source: book.from(0),
    movements: [{ id: book.id(), start: date(startMs), end: date(startMs), unit_code: "1290", unit_name: "Consultations", source: book.from(0) }],
  });
  if (kind === "session") {
    const [code, label] = pathways[2].acts[0];
    record.procedures.push({ id: book.id(), date: date(startMs), code, label, phase: "0", activity: "1", quantity: 1, visit_id: visitId, source: book.from(0) });
    return;
  }
  const [code, label] = random.pick(external);
  record.conditions.push({ id: book.id(), date: date(startMs), end: null, code, label, role: null, visit_id: visitId, movement_id: null, source: book.from(0) });
  record.observations.push({ id: book.id(), date: date(startMs), code: "29463-7", label: "Poids", value: `${random.whole(52, 95)} kg`, visit_id: visitId, source: book.from(2) });
  record.bloodTests.push(startMs + 500 * 60_000);
  addReport(record, book, startMs, random.whole(1, 2), visitId);
}

function addReport(record, book, ms, index, visitId) {
  const [title, text] = reportTexts[index];
  record.notes.push({ id: book.id(), date: date(ms), title, text, visit_id: visitId, source: book.from(2) });
}

function resultOf(analyte, book, ms) {
  const { random } = book;
  const raw = Math.max(0.1, analyte.mean + random.normal() * analyte.spread);
  const value = Number(raw.toFixed(analyte.digits));
  const isBelow = analyte.floor !== undefined && value < analyte.floor;
  const flag = isBelow ? "N" : analyte.high !== null && value > analyte.high ? "H" : analyte.low !== null && value < analyte.low ? "L" : analyte.high === null ? null : "N";
  const hasAlt = analyte.alt !== undefined && random.chance(0.3);
  return {
    id: book.id(),
    time: time(ms),
    value: isBelow ? null : value,
    text: isBelow ? `<${analyte.floor}` : null,
    flag,
    source_value: hasAlt ? (value * analyte.alt[1]).toFixed(2).replace(".", ",") : null,
    source_unit: hasAlt ? analyte.alt[0] : null,
    source: book.from(1),
  };
}

function measurementsOf(record, book) {
  return analytes
    .map((analyte, index) => ({
      code: analyte.code, label: analyte.label, unit: analyte.unit, range_low: analyte.low, range_high: analyte.high,
      values: record.bloodTests.filter((_, test) => index < 4 || (test + index) % 3 === 0).map((ms) => resultOf(analyte, book, ms)),
    }))
    .filter(({ values }) => values.length > 0);
}

/** The whole record of patient `number` (1 to patientCount). */
export function recordOf(number) {
  const book = makeBook(number);
  const { random } = book;
  const person = { ...personOf(number), source: book.from(0) };
  const record = { person, visits: [], conditions: [], procedures: [], measurements: [], drugs: [], observations: [], notes: [], bloodTests: [] };
  const stayCount = number === 2 ? 0 : number === 1 ? 7 : random.whole(1, 5);
  const last = person.death_date === null ? today : Date.parse(person.death_date) - 20 * dayMs;
  const first = Math.max(Date.parse(person.birth_date), last - random.whole(2, 8) * 365 * dayMs);
  for (let stay = 0; stay < stayCount; stay += 1) {
    const isNow = number === 1 && stay === stayCount - 1;
    const startMs = isNow ? today - dayMs : first + ((last - first) * (stay + random.between(0.1, 0.8))) / stayCount;
    const startDay = Math.floor(startMs / dayMs) * dayMs;
    addStay(record, book, startDay, number === 1 && stay === 0 ? pathways[0] : random.pick(pathways));
    for (const months of [1, 4]) {
      const followUp = startDay + (months * 30 + 14) * dayMs;
      if (followUp < last) addOutpatient(record, book, followUp, random.chance(0.2) ? "emergency" : "outpatient");
    }
  }
  if (number === 1) {
    for (let ms = today - 400 * dayMs; ms < today - 20 * dayMs; ms += dayMs * (ms % (7 * dayMs) === 0 ? 3 : 2)) {
      addOutpatient(record, book, ms, "session");
      record.bloodTests.push(ms + 480 * 60_000);
    }
  }
  record.bloodTests.sort((a, b) => a - b);
  record.measurements = measurementsOf(record, book);
  const { bloodTests: _, ...answer } = record;
  return { ...answer, timing_ms: Number(random.between(2, 14).toFixed(1)) };
}

export function summaryOf(number) {
  const record = recordOf(number);
  const { source: _, ...person } = record.person;
  const starts = record.visits.map((visit) => visit.start).sort();
  const lastCode = [...record.conditions].sort((a, b) => (a.date < b.date ? 1 : -1))[0];
  return {
    ...person,
    visit_count: record.visits.length,
    last_visit_start: starts.at(-1) ?? null,
    last_diagnosis: lastCode ? { code: lastCode.code, label: lastCode.label } : null,
    codes: record.conditions.map((condition) => condition.code),
  };
}
