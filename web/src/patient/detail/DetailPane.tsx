import { CloseButton } from "@mantine/core";
import { useState } from "react";
import { Pager } from "../../parts/Pager";
import { useSpeech } from "../../texts/language";
import { describeEvent, whenWords } from "../describe";
import type { ClinicalEvent } from "../events";
import { KindMark } from "../KindMark";
import type { Selection } from "../selection";
import { EventFacts } from "./EventFacts";
import styles from "./detail.module.css";
import { SourceBlock } from "./SourceBlock";

interface Props {
  selection: Selection;
  every: ClinicalEvent[];
  onItem: (item: string) => void;
}

type ListProps = { events: ClinicalEvent[]; onItem: (item: string) => void; label: string };

const listRows = 12;

/** Items one can open, by pages that say how many there are. */
function EventList({ events, onItem, label }: ListProps) {
  const speech = useSpeech();
  const [asked, setPage] = useState(1);
  const page = Math.min(asked, Math.max(1, Math.ceil(events.length / listRows)));
  return (
    <>
      <ul className={styles.list} aria-label={label}>
        {events.slice((page - 1) * listRows, page * listRows).map((event) => (
          <li key={event.key}>
            <KindMark kind={event.body.kind} />
            <div>
              <button type="button" className="text-button" onClick={() => onItem(event.key)}>
                {describeEvent(event, speech)}
              </button>
              <div className="quiet figures">{whenWords(event, speech)}</div>
            </div>
          </li>
        ))}
      </ul>
      {events.length > listRows && (
        <Pager
          label={speech.t("table.pages", { name: label })}
          page={page}
          pageRows={listRows}
          total={events.length}
          onPage={setPage}
        />
      )}
    </>
  );
}

function OneEvent({ event, every, onItem }: Omit<Props, "selection"> & { event: ClinicalEvent }) {
  const { t } = useSpeech();
  const isStay = event.body.kind === "stay";
  const units = isStay
    ? every.filter(({ body, visitId }) => body.kind === "movement" && visitId === event.visitId)
    : [];
  const stay = every.filter(({ key }) => !isStay && key === `stay:${event.visitId}`);
  return (
    <>
      <EventFacts event={event} />
      {units.length > 0 && (
        <>
          <h3>{t("kind.movement")}</h3>
          <EventList events={units} onItem={onItem} label={t("kind.movement")} />
        </>
      )}
      {stay.length > 0 && (
        <>
          <h3>{t("kind.stay")}</h3>
          <EventList events={stay} onItem={onItem} label={t("kind.stay")} />
        </>
      )}
      <SourceBlock source={event.source} />
    </>
  );
}

function Content({ selection, every, onItem }: Props) {
  const { t } = useSpeech();
  switch (selection.is) {
    case "nothing":
      return <p className="quiet">{t("detail.hint")}</p>;
    case "missing":
      return <p>{t("detail.missing")}</p>;
    case "event":
      return <OneEvent event={selection.event} every={every} onItem={onItem} />;
    case "group": {
      const label = t("detail.groupTitle", { n: selection.events.length });
      return (
        <>
          <h3 className={styles.name}>{label}</h3>
          <EventList events={selection.events} onItem={onItem} label={label} />
        </>
      );
    }
  }
}

/** Beside the record: the selected item, its facts, its stay and its source. */
export function DetailPane(props: Props) {
  const { t } = useSpeech();
  const { selection, onItem } = props;
  const kind = selection.is === "event" ? selection.event.body.kind : null;
  return (
    <aside
      className={`sheet ${styles.pane ?? ""}`}
      aria-label={t("detail.title")}
      data-open={selection.is !== "nothing" || undefined}
    >
      <header className={styles.head}>
        <h2>
          {kind && <KindMark kind={kind} />}
          {t(kind ? `kind.${kind}` : "detail.title")}
        </h2>
        {selection.is !== "nothing" && (
          <CloseButton size="sm" aria-label={t("detail.close")} onClick={() => onItem("")} />
        )}
      </header>
      <div className={styles.body} aria-live="polite">
        <Content {...props} />
      </div>
    </aside>
  );
}
