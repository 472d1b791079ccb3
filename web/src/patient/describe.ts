// An item in words: one line that names it, and when it was. The same words label the marks of the
// timeline, the rows of the chronology and the detail.

import type { Conflict, MeasurementValue, Visit } from "../api/types";
import { formatTime } from "../format/dates";
import { formatNumber } from "../format/numbers";
import { unitWords } from "../format/units";
import type { Speech, TextKey } from "../texts/language";
import type { ClinicalEvent } from "./events";

const stayKinds = ["inpatient", "emergency", "outpatient", "session"] as const;

export function stayKindWords(visit: Visit, { t }: Speech): string {
  const known = stayKinds.find((kind) => kind === visit.kind);
  return t(known ? `stayKind.${known}` : "stayKind.other");
}

// PMSI MCO: "mode d'entrée" and "mode de sortie" of the RUM.
const modes = new Map<string, TextKey>([
  ["0", "mode.provisional"],
  ["6", "mode.mutation"],
  ["7", "mode.transfer"],
  ["8", "mode.home"],
  ["9", "mode.death"],
  ["N", "mode.birth"],
]);

// "Provenance" and "destination": what kind of care one comes from or goes to.
const places = new Map<string, TextKey>([
  ["1", "place.acute"],
  ["2", "place.rehabilitation"],
  ["3", "place.longStay"],
  ["4", "place.psychiatry"],
  ["5", "place.emergency"],
  ["6", "place.atHome"],
  ["7", "place.residence"],
]);

/** The mode and, for a move or a passage through emergency, the place: "7" + "2" in the PMSI. */
export function modeWords(code: string, { t }: Speech): string {
  const key = modes.get(code.slice(0, 1)) as "mode.home" | undefined;
  if (!key || code.length > 2) return t("mode.unknown", { code });
  const isMove = code.startsWith("6") || code.startsWith("7") || code === "85";
  const place = isMove ? (places.get(code.slice(1)) as "place.acute" | undefined) : undefined;
  return `${t(key)}${place ? `, ${t(place)}` : ""} (${code})`;
}

const conflictFields = [
  "start_date",
  "end_date",
  "entry_mode",
  "exit_mode",
  "person_id",
  "gender",
  "birth_date",
  "death_date",
] as const;

const sexes = new Map<string, TextKey>([
  ["8507", "sex.M"],
  ["8532", "sex.F"],
]);

function conflictValue(field: string, value: string, speech: Speech): string {
  if (field.endsWith("_mode")) return modeWords(value, speech);
  const sex = sexes.get(value) as "sex.M" | undefined;
  if (field === "gender") return sex ? speech.t(sex) : value;
  return formatTime(value, speech.locale);
}

/** What two sources contradict each other on, what was kept and what the other says. */
export function conflictWords({ field, kept, other }: Conflict, speech: Speech): string {
  const known = conflictFields.find((name) => name === field);
  return speech.t("conflict.sentence", {
    field: known ? speech.t(`conflict.${known}`) : field,
    kept: conflictValue(field, kept, speech),
    other: conflictValue(field, other, speech),
  });
}

const roles = ["DP", "DR", "DA"] as const;

export function roleWords(role: string | null, { t }: Speech): string | null {
  const known = roles.find((name) => name === role);
  return known ? t("role.full", { role: known, meaning: t(`role.${known}`) }) : role;
}

/** A result as printed: its number, else its text. */
export function resultWords(result: MeasurementValue, locale: string): string {
  if (result.value !== null) return formatNumber(result.value, locale);
  return result.text ?? "";
}

function flagWords(flag: ClinicalEvent["flag"], { t }: Speech): string {
  if (flag === "H") return `, ${t("labs.high")}`;
  return flag === "L" ? `, ${t("labs.low")}` : "";
}

// What the PMSI calls by no code has ours, and so has no label but these.
const measures = ["session_count", "igs2", "newborn_weight_g", "gestational_age_weeks"] as const;

/** The label of a code, in the reader's language where the code is ours. */
export function labelWords({ code, label }: ClinicalEvent, { t }: Speech): string | null {
  const known = measures.find((name) => name === code);
  return known ? t(`measure.${known}`) : label;
}

const activities = ["1", "2", "3", "4", "5"] as const;

/** CCAM: who does what in an act (1 to 3 the gestures, 4 the anaesthesia, 5 the circulation). */
export function activityWords(activity: string | null, { t }: Speech): string | null {
  const known = activities.find((name) => name === activity);
  return known ? `${known} – ${t(`activity.${known}`)}` : activity;
}

function join(...parts: (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join(" ");
}

export function describeEvent(event: ClinicalEvent, speech: Speech): string {
  const { body, code } = event;
  const label = labelWords(event, speech);
  switch (body.kind) {
    case "stay": {
      const units = body.visit.movements.map((unit) => unit.unit_name ?? unit.unit_code);
      const places = [...new Set(units)].join(" → ");
      return [stayKindWords(body.visit, speech), places].filter((x) => x !== "").join(" · ");
    }
    case "movement":
      return join(label, label === null ? code : `(${code})`);
    case "diagnosis":
      return join(body.condition.role, code, label);
    case "lab": {
      const { analyte, result } = body;
      const value = join(resultWords(result, speech.locale), unitWords(analyte.unit, speech));
      return `${label ?? code} : ${value}${flagWords(event.flag, speech)}`;
    }
    case "observation":
      return body.observation.value === null
        ? join(label ?? code)
        : `${label ?? code} : ${body.observation.value}`;
    case "report":
      return label ?? speech.t("reports.untitled");
    default:
      return join(code, label);
  }
}

/** When: a date, a time, or a period; a stay without an end is still going on. */
export function whenWords(event: ClinicalEvent, { t, locale }: Speech): string {
  const start = formatTime(event.start, locale);
  if (event.end !== null) {
    const end = formatTime(event.end, locale);
    return end === start ? start : `${start} → ${end}`;
  }
  const lasts = event.body.kind === "stay" || event.body.kind === "movement";
  return lasts ? `${start} → ${t("timeline.ongoing")}` : start;
}
