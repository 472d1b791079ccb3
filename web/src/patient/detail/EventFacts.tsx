import type { Conflict } from "../../api/types";
import { formatNumber, formatRange } from "../../format/numbers";
import { nightCount } from "../../format/dates";
import { unitWords } from "../../format/units";
import { FlagMark } from "../../parts/FlagMark";
import { useSpeech } from "../../texts/language";
import {
  activityWords,
  conflictWords,
  describeEvent,
  labelWords,
  modeWords,
  resultWords,
  roleWords,
  whenWords,
} from "../describe";
import type { Body, ClinicalEvent } from "../events";
import styles from "./detail.module.css";
import { Fact, Facts } from "./Facts";

type Of<Kind extends Body["kind"]> = Extract<Body, { kind: Kind }>;

function StayFacts({ visit }: Of<"stay">) {
  const speech = useSpeech();
  const { t } = speech;
  const nights = nightCount(visit.start, visit.end);
  const { entry_mode: entry, exit_mode: exit } = visit;
  return (
    <>
      <Fact name={t("detail.length")}>{nights !== null && t("detail.nights", { n: nights })}</Fact>
      <Fact name={t("detail.ghm")}>
        {visit.ghm && (
          <>
            <span className="code">{visit.ghm}</span> {visit.ghm_label}
          </>
        )}
      </Fact>
      <Fact name={t("detail.entry")}>{entry && modeWords(entry, speech)}</Fact>
      <Fact name={t("detail.exit")}>{exit && modeWords(exit, speech)}</Fact>
    </>
  );
}

function LabFacts({ analyte, result }: Of<"lab">) {
  const speech = useSpeech();
  const { t, locale } = speech;
  const unit = unitWords(analyte.unit, speech);
  const range = formatRange(analyte.range_low, analyte.range_high, locale);
  const original = [result.source_value, result.source_unit].filter((x) => x !== null).join(" ");
  return (
    <>
      <Fact name={t("detail.value")}>
        <strong className="figures">
          {`${resultWords(result, locale)} ${unit} `}
        </strong>
        <FlagMark flag={result.flag} />
      </Fact>
      <Fact name={t("detail.range")}>{range && `${range} ${unit}`}</Fact>
      <Fact name={t("detail.sourceValue")}>{original}</Fact>
    </>
  );
}

function OwnFacts({ body }: { body: Body }) {
  const speech = useSpeech();
  const { t, locale } = speech;
  switch (body.kind) {
    case "stay":
      return <StayFacts {...body} />;
    case "lab":
      return <LabFacts {...body} />;
    case "diagnosis":
      return <Fact name={t("detail.role")}>{roleWords(body.condition.role, speech)}</Fact>;
    case "act": {
      const { phase, activity, quantity } = body.procedure;
      return (
        <>
          <Fact name={t("detail.phase")}>{phase}</Fact>
          <Fact name={t("detail.activity")}>{activityWords(activity, speech)}</Fact>
          <Fact name={t("detail.quantity")}>
            {quantity === null ? null : formatNumber(quantity, locale)}
          </Fact>
        </>
      );
    }
    case "drug": {
      const { route, quantity } = body.drug;
      return (
        <>
          <Fact name={t("detail.route")}>{route}</Fact>
          <Fact name={t("detail.quantity")}>
            {quantity === null ? null : formatNumber(quantity, locale)}
          </Fact>
        </>
      );
    }
    case "observation":
      return <Fact name={t("detail.value")}>{body.observation.value}</Fact>;
    default:
      return null;
  }
}

function Conflicts({ conflicts }: { conflicts: Conflict[] }) {
  const speech = useSpeech();
  const { t } = speech;
  return (
    <div className={styles.conflicts}>
      <h3>
        <span aria-hidden="true">⚠ </span>
        {t("detail.conflicts")}
      </h3>
      <ul>
        {conflicts.map((conflict) => (
          <li key={conflict.field + conflict.other}>{conflictWords(conflict, speech)}</li>
        ))}
      </ul>
    </div>
  );
}

/** Everything the record says of one item, its source aside. */
export function EventFacts({ event }: { event: ClinicalEvent }) {
  const speech = useSpeech();
  const { t } = speech;
  const { body, code } = event;
  const label = labelWords(event, speech);
  const hasCode = body.kind !== "stay" && code !== "";
  return (
    <>
      <h3 className={styles.name}>{label ?? describeEvent(event, speech)}</h3>
      <Facts>
        <Fact name={t(event.end === null ? "detail.date" : "detail.period")}>
          <span className="figures">{whenWords(event, speech)}</span>
        </Fact>
        <Fact name={t("detail.code")}>{hasCode && <span className="code">{code}</span>}</Fact>
        <OwnFacts body={body} />
      </Facts>
      {body.kind === "stay" && body.visit.conflicts.length > 0 && (
        <Conflicts conflicts={body.visit.conflicts} />
      )}
      {body.kind === "report" && <p className={styles.report}>{body.note.text}</p>}
    </>
  );
}
