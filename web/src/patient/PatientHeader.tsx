import type { PatientRecord } from "../api/types";
import { formatDate, formatMs } from "../format/dates";
import { formatNumber } from "../format/numbers";
import { useSpeech } from "../texts/language";
import { conflictWords } from "./describe";
import type { ClinicalEvent } from "./events";
import { IdentityBlock } from "./identity/IdentityBlock";
import styles from "./patient.module.css";

interface Props {
  record: PatientRecord;
  events: ClinicalEvent[];
}

function useDataPeriod(events: ClinicalEvent[]): string | null {
  const { t, locale } = useSpeech();
  const times = events.map((event) => event.startMs).filter((ms) => ms !== null);
  const first = times[0];
  const last = times[times.length - 1];
  if (first === undefined || last === undefined) return null;
  return t("person.period", { from: formatMs(first, locale), to: formatMs(last, locale) });
}

/** Who the patient is, in one line that stays readable from across a desk. */
export function PatientHeader({ record, events }: Props) {
  const speech = useSpeech();
  const { t, locale } = speech;
  const period = useDataPeriod(events);
  const { person, visits } = record;
  const contradicted = visits.filter((visit) => visit.conflicts.length > 0).length;
  return (
    <header className={`sheet ${styles.header ?? ""}`}>
      <h1>
        {t("page.patient", { id: person.person_id })}
      </h1>
      <ul className={styles.facts}>
        <li>
          <strong>{t(`sex.${person.sex}`)}</strong>
          {person.age_years !== null && `, ${t("person.age", { n: person.age_years })}`}
        </li>
        <li>
          {person.birth_date === null
            ? t("person.unknownBirth")
            : t(`person.born.${person.sex}`, { date: formatDate(person.birth_date, locale) })}
        </li>
        <li>
          {person.death_date === null ? (
            t("person.alive")
          ) : (
            <strong>
              <span aria-hidden="true">† </span>
              {t("person.died", { date: formatDate(person.death_date, locale) })}
            </strong>
          )}
        </li>
        <li>{t("person.stays", { n: visits.length })}</li>
        {period && <li>{period}</li>}
      </ul>
      {person.conflicts.map((conflict) => (
        <p key={conflict.field + conflict.other} className={styles.conflict}>
          <span aria-hidden="true">⚠ </span>
          {conflictWords(conflict, speech)}
        </p>
      ))}
      {contradicted > 0 && (
        <p className={styles.conflict}>
          <span aria-hidden="true">⚠ </span>
          {t("person.conflicts", { n: contradicted })}
        </p>
      )}
      <p className={styles.timing}>
        {t("person.timing", { ms: formatNumber(Math.ceil(record.timing_ms), locale) })}
      </p>
      <IdentityBlock id={person.person_id} />
    </header>
  );
}
