import { Button, TextInput } from "@mantine/core";
import { DateField } from "../parts/DateField";
import { useDraft } from "../parts/use_draft";
import { useSpeech } from "../texts/language";
import { filledLanes, lanes, type ClinicalEvent, type Lane } from "./events";
import { KindMark } from "./KindMark";
import styles from "./patient.module.css";
import { isFiltered, type ViewState } from "./view_state";

interface Props {
  view: ViewState;
  onView: (part: Partial<ViewState>) => void;
  events: ClinicalEvent[];
  shownCount: number;
}

function LaneToggles({ view, onView, events }: Omit<Props, "shownCount">) {
  const { t, locale } = useSpeech();
  const number = new Intl.NumberFormat(locale);
  const countOf = new Map<Lane, number>();
  for (const { lane } of events) countOf.set(lane, (countOf.get(lane) ?? 0) + 1);
  const toggle = (lane: Lane) => {
    const next = lanes.filter((name) => view.lanes.includes(name) !== (name === lane));
    onView({ lanes: next });
  };
  return (
    <fieldset className={styles.lanes}>
      <legend>{t("filter.kinds")}</legend>
      <div>
        {filledLanes(events).map((lane) => (
          <label key={lane} data-on={view.lanes.includes(lane) || undefined}>
            <input
              type="checkbox"
              checked={view.lanes.includes(lane)}
              onChange={() => toggle(lane)}
            />
            <KindMark kind={lane} />
            {t(`lane.${lane}`)}
            <span className="figures quiet">{number.format(countOf.get(lane) ?? 0)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

const clear: Partial<ViewState> = { from: "", to: "", text: "", lanes };

/** Period, text and kinds: they narrow the timeline, the chronology and every panel alike. */
export function FilterBar({ view, onView, events, shownCount }: Props) {
  const { t } = useSpeech();
  const [text, setText] = useDraft(view.text, (value) => onView({ text: value.trim() }));
  const isCrossed = view.from !== "" && view.to !== "" && view.from > view.to;
  return (
    <search className={`sheet ${styles.filters ?? ""}`} aria-label={t("filter.title")}>
      <DateField
        label={t("filter.from")}
        value={view.from}
        onDate={(from) => onView({ from })}
        error={isCrossed ? t("filter.crossed") : undefined}
      />
      <DateField label={t("filter.to")} value={view.to} onDate={(to) => onView({ to })} />
      <TextInput
        size="xs"
        w={210}
        type="search"
        label={t("filter.text")}
        placeholder={t("filter.textHint")}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <LaneToggles view={view} onView={onView} events={events} />
      <div className={styles.filterCount}>
        <span className="figures" role="status">
          {t("filter.shown", { n: shownCount, total: events.length })}
        </span>
        {isFiltered(view) && (
          <Button size="compact-xs" variant="default" onClick={() => onView(clear)}>
            {t("filter.clear")}
          </Button>
        )}
      </div>
    </search>
  );
}
