import type { Column } from "../../parts/DataTable";
import { formatNumber } from "../../format/numbers";
import { useSpeech, type Speech } from "../../texts/language";
import { activityWords, describeEvent, labelWords, roleWords } from "../describe";
import type { ClinicalEvent } from "../events";
import { EventPanel, type Cells } from "./EventPanel";
import styles from "./panels.module.css";

export interface PanelProps {
  events: ClinicalEvent[];
  item: string;
  onItem: (item: string) => void;
}

type Open = (item: string) => void;

/** The code opens the detail: it is the row's header and its button. */
function codeColumn(title: string, speech: Speech, onItem: Open): Column<ClinicalEvent> {
  return {
    id: "code",
    title,
    value: (event) => event.code,
    isRowHeader: true,
    cell: (event) => (
      <button
        type="button"
        className="text-button code"
        title={speech.t("detail.open", { what: describeEvent(event, speech) })}
        onClick={() => onItem(event.key)}
      >
        {event.code}
      </button>
    ),
  };
}

function labelColumn(speech: Speech): Column<ClinicalEvent> {
  return {
    id: "label",
    title: speech.t("detail.label"),
    value: (event) => labelWords(event, speech),
    cell: (event) =>
      labelWords(event, speech) ?? <span className="quiet">{speech.t("table.none")}</span>,
  };
}

function textColumn(
  id: string,
  title: string,
  read: (event: ClinicalEvent) => string | null,
): Column<ClinicalEvent> {
  const cell = (event: ClinicalEvent) => <span className={styles.oneLine}>{read(event)}</span>;
  return { id, title, isWide: true, value: read, cell };
}

function quantityColumn(title: string, { locale }: Speech): Column<ClinicalEvent> {
  const read = ({ body }: ClinicalEvent) => {
    if (body.kind === "act") return body.procedure.quantity;
    return body.kind === "drug" ? body.drug.quantity : null;
  };
  const cell = (event: ClinicalEvent) => {
    const quantity = read(event);
    return quantity === null ? null : formatNumber(quantity, locale);
  };
  return { id: "quantity", title, align: "right", isWide: true, value: read, cell };
}

const diagnosisCells: Cells = (speech, onItem) => {
  const { t } = speech;
  const roleOf = ({ body }: ClinicalEvent) =>
    body.kind === "diagnosis" ? body.condition.role : null;
  return [
    {
      id: "role",
      title: t("diagnoses.role"),
      value: roleOf,
      cell: (event) => {
        const role = roleOf(event);
        if (role === null) return null;
        return (
          <abbr className={styles.role} data-role={role} title={roleWords(role, speech) ?? role}>
            {role}
          </abbr>
        );
      },
    },
    codeColumn(t("diagnoses.code"), speech, onItem),
    labelColumn(speech),
    {
      id: "stay",
      title: t("diagnoses.stay"),
      isWide: true,
      cell: ({ visitId }) =>
        visitId && (
          <button
            type="button"
            className={`text-button ${styles.oneLine ?? ""}`}
            onClick={() => onItem(`stay:${visitId}`)}
          >
            {t("detail.goToStay")}
          </button>
        ),
    },
  ];
};

const actCells: Cells = (speech, onItem) => {
  const { t } = speech;
  return [
    codeColumn(t("acts.code"), speech, onItem),
    labelColumn(speech),
    textColumn("phase", t("acts.phase"), ({ body }) =>
      body.kind === "act" ? body.procedure.phase : null,
    ),
    textColumn("activity", t("acts.activity"), ({ body }) =>
      body.kind === "act" ? activityWords(body.procedure.activity, speech) : null,
    ),
    quantityColumn(t("acts.quantity"), speech),
  ];
};

const drugCells: Cells = (speech, onItem) => {
  const { t } = speech;
  return [
    codeColumn(t("detail.code"), speech, onItem),
    labelColumn(speech),
    textColumn("route", t("drugs.route"), ({ body }) =>
      body.kind === "drug" ? body.drug.route : null,
    ),
    quantityColumn(t("drugs.quantity"), speech),
  ];
};

const observationCells: Cells = (speech, onItem) => {
  const { t } = speech;
  return [
    codeColumn(t("detail.code"), speech, onItem),
    labelColumn(speech),
    textColumn("value", t("observations.value"), ({ body }) =>
      body.kind === "observation" ? body.observation.value : null,
    ),
  ];
};

export function DiagnosesPanel(props: PanelProps) {
  const { t } = useSpeech();
  return (
    <EventPanel
      {...props}
      lane="diagnosis"
      title={t("diagnoses.title")}
      caption={t("diagnoses.caption")}
      empty={t("diagnoses.empty")}
      cells={diagnosisCells}
    />
  );
}

export function ActsPanel(props: PanelProps) {
  const { t } = useSpeech();
  return (
    <EventPanel
      {...props}
      lane="act"
      title={t("acts.title")}
      caption={t("acts.caption")}
      empty={t("acts.empty")}
      cells={actCells}
    />
  );
}

export function DrugsPanel(props: PanelProps) {
  const { t } = useSpeech();
  return (
    <EventPanel
      {...props}
      lane="drug"
      title={t("drugs.title")}
      caption={t("drugs.caption")}
      empty={t("drugs.empty")}
      cells={drugCells}
    />
  );
}

export function ObservationsPanel(props: PanelProps) {
  const { t } = useSpeech();
  return (
    <EventPanel
      {...props}
      lane="observation"
      title={t("observations.title")}
      caption={t("observations.caption")}
      empty={t("observations.empty")}
      cells={observationCells}
    />
  );
}
