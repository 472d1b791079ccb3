// The answers of the API, exactly as docs/reference/api.md draws them. Ids are strings because they
// are 64-bit; dates are YYYY-MM-DD and times ISO 8601, read as the wall clock of the hospital.

export interface Source {
  file: string;
  position: number;
  source_id: number;
}

export interface Session {
  version: string;
  warehouse: string;
  synthetic: boolean;
  release: { id: number; name: string; created_at: string };
  /** This server answers who a patient is, to whoever says why. */
  identity: boolean;
  user: { name: string };
}

/** What is told to whoever is not signed in. */
export interface SignInWays {
  warehouse: string;
  synthetic: boolean;
  /** Whether a password opens a session. */
  password: boolean;
  /** The hospital's sign-in provider. */
  provider: { name: string } | null;
}

export interface Access {
  id: string;
  role: string;
  rights: string[];
  perimeter: string;
  perimeter_name: string;
  ground: "care" | "mandate";
  start: string;
  end: string;
  review_due: string;
  source: string;
  break_glass: boolean;
  state: "active" | "revoked" | "not-begun" | "over" | "not-reviewed";
}

export interface Decision {
  action: string;
  ground: "care" | "mandate";
  allowed: boolean;
  rule: string;
  level: string;
  why: { fr: string; en: string };
}

export interface Me {
  user: { name: string };
  /** null when the caller is a program. */
  session: {
    method: "password" | "provider" | "certificate";
    factors: number;
    start: string;
    end: string;
    idle_end: string;
    proof_end: string;
    fresh: boolean;
    csrf: string;
  } | null;
  accesses: Access[];
  decisions: Decision[];
}

export type Sex = "F" | "M" | "U";

export interface PatientSummary {
  person_id: string;
  sex: Sex;
  birth_date: string | null;
  age_years: number | null;
  death_date: string | null;
  visit_count: number;
  last_visit_start: string | null;
  last_diagnosis: { code: string; label: string | null } | null;
}

export interface PatientPage {
  total: number;
  patients: PatientSummary[];
}

/** Two sources that contradict each other. */
export interface Conflict {
  field: string;
  kept: string;
  other: string;
}

export interface Person {
  person_id: string;
  sex: Sex;
  birth_date: string | null;
  age_years: number | null;
  death_date: string | null;
  conflicts: Conflict[];
  source: Source | null;
}

export const lookReasons = ["care", "emergency", "identity-check", "patient-request"] as const;
export type LookReason = (typeof lookReasons)[number];

export interface Identity {
  person_id: string;
  birth_name: string | null;
  used_name: string | null;
  first_names: string | null;
  birth_date: string | null;
  birth_place: string | null;
  identifiers: { kind: string; authority: string | null; value: string | null }[];
}

export interface Movement {
  id: string;
  start: string;
  end: string | null;
  unit_code: string;
  unit_name: string | null;
  source: Source | null;
}

export interface Visit {
  id: string;
  start: string;
  end: string | null;
  kind: string;
  entry_mode: string | null;
  exit_mode: string | null;
  ghm: string | null;
  ghm_label: string | null;
  conflicts: Conflict[];
  source: Source | null;
  movements: Movement[];
}

export interface Condition {
  id: string;
  date: string;
  end: string | null;
  code: string;
  label: string | null;
  role: string | null;
  visit_id: string | null;
  movement_id: string | null;
  source: Source | null;
}

export interface Procedure {
  id: string;
  date: string;
  code: string;
  label: string | null;
  phase: string | null;
  activity: string | null;
  quantity: number | null;
  visit_id: string | null;
  source: Source | null;
}

export type Flag = "N" | "L" | "H" | null;

export interface MeasurementValue {
  id: string;
  time: string;
  value: number | null;
  text: string | null;
  flag: Flag;
  source_value: string | null;
  source_unit: string | null;
  source: Source | null;
}

export interface Measurement {
  code: string;
  label: string | null;
  unit: string | null;
  range_low: number | null;
  range_high: number | null;
  values: MeasurementValue[];
}

export interface Drug {
  id: string;
  start: string;
  end: string | null;
  code: string;
  label: string | null;
  quantity: number | null;
  route: string | null;
  visit_id: string | null;
  source: Source | null;
}

export interface Observation {
  id: string;
  date: string;
  code: string;
  label: string | null;
  value: string | null;
  visit_id: string | null;
  source: Source | null;
}

export interface Note {
  id: string;
  date: string;
  title: string | null;
  text: string;
  visit_id: string | null;
  source: Source | null;
}

export interface PatientRecord {
  person: Person;
  visits: Visit[];
  conditions: Condition[];
  procedures: Procedure[];
  measurements: Measurement[];
  drugs: Drug[];
  observations: Observation[];
  notes: Note[];
  timing_ms: number;
}

export interface SourceFile {
  source_id: number;
  file: string;
  format: string;
  fed_at: string;
  rows: number;
  rejects: number;
}
