// A small invented record for the tests beside it.

import type { PatientRecord, Source } from "../api/types";

const source: Source = { file: "rss_2025.txt", position: 12, source_id: 7 };

export const sampleRecord: PatientRecord = {
  person: {
    person_id: "42",
    sex: "F",
    birth_date: "1961-04-02",
    age_years: 64,
    death_date: null,
    conflicts: [],
    source,
  },
  visits: [
    {
      id: "1",
      start: "2025-03-01",
      end: "2025-03-09",
      kind: "inpatient",
      entry_mode: "8",
      exit_mode: "8",
      ghm: "05K061",
      ghm_label: "Endoprothèses vasculaires",
      conflicts: [],
      source,
      movements: [
        {
          id: "10",
          start: "2025-03-01",
          end: "2025-03-03",
          unit_code: "1234",
          unit_name: "Cardiologie",
          source,
        },
        {
          id: "11",
          start: "2025-03-03",
          end: "2025-03-09",
          unit_code: "1240",
          unit_name: null,
          source,
        },
      ],
    },
  ],
  conditions: [
    {
      id: "1",
      date: "2025-03-01",
      end: null,
      code: "I210",
      label: "Infarctus aigu de la paroi antérieure",
      role: "DP",
      visit_id: "1",
      movement_id: null,
      source,
    },
  ],
  procedures: [
    {
      id: "1",
      date: "2025-03-02",
      code: "DDAF001",
      label: null,
      phase: "0",
      activity: "1",
      quantity: 1,
      visit_id: "1",
      source,
    },
  ],
  measurements: [
    {
      code: "2160-0",
      label: "Créatinine",
      unit: "umol/L",
      range_low: 45,
      range_high: 84,
      values: [
        {
          id: "1",
          time: "2025-03-01T08:10:00",
          value: 88,
          text: null,
          flag: "H",
          source_value: "0,995",
          source_unit: "mg/dL",
          source,
        },
        {
          id: "2",
          time: "date illisible",
          value: null,
          text: "<5",
          flag: null,
          source_value: null,
          source_unit: null,
          source,
        },
      ],
    },
  ],
  drugs: [],
  observations: [],
  notes: [
    {
      id: "1",
      date: "2025-03-09",
      title: "Sortie",
      text: "Évolution favorable.",
      visit_id: "1",
      source,
    },
  ],
  timing_ms: 3.2,
};
