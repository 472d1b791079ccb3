import { Tabs } from "@mantine/core";
import { useCallback, useMemo } from "react";
import type { PatientRecord } from "../api/types";
import { navigate, useLocation, withQuery } from "../app/router";
import { Notice } from "../parts/Notice";
import { useSpeech } from "../texts/language";
import { Chronology } from "./Chronology";
import { DetailPane } from "./detail/DetailPane";
import {
  eventsOf,
  filledLanes,
  filterEvents,
  lanes,
  spanOf,
  type ClinicalEvent,
  type Lane,
  type Span,
} from "./events";
import { FilterBar } from "./FilterBar";
import { LabsPanel } from "./labs/LabsPanel";
import { ActsPanel, DiagnosesPanel, DrugsPanel, ObservationsPanel } from "./panels/CodedPanels";
import { ReportsPanel } from "./panels/ReportsPanel";
import { PatientHeader } from "./PatientHeader";
import styles from "./patient.module.css";
import { resolveItem } from "./selection";
import { Timeline } from "./timeline/Timeline";
import { filterOf, readView, viewPatch, type ViewState } from "./view_state";

function changeView(part: Partial<ViewState>): void {
  navigate(withQuery(viewPatch(part)), "replace");
}

interface OverviewProps {
  view: ViewState;
  /** The lanes to draw: those shown that hold anything. */
  laneNames: readonly Lane[];
  shown: ClinicalEvent[];
  full: Span | null;
  onItem: (item: string) => void;
}

function TimelineTab({ view, laneNames, shown, full, onItem }: OverviewProps) {
  const { t } = useSpeech();
  const keep = useCallback((span: Span | null) => changeView({ window: span }), []);
  if (!full || shown.length === 0) return <p className={styles.none}>{t("timeline.empty")}</p>;
  return (
    <Timeline
      events={shown}
      lanes={laneNames}
      full={full}
      kept={view.window}
      item={view.item}
      onWindow={keep}
      onItem={onItem}
    />
  );
}

function Overview(props: OverviewProps) {
  const { t } = useSpeech();
  const { view, shown, onItem } = props;
  return (
    <section className={`sheet ${styles.overview ?? ""}`} aria-label={t("view.title")}>
      <Tabs
        value={view.tab}
        onChange={(tab) => changeView({ tab: tab === "list" ? "list" : "timeline" })}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="timeline">{t("view.timeline")}</Tabs.Tab>
          <Tabs.Tab value="list">{t("view.list")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="timeline" pt={8}>
          <TimelineTab {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="list">
          <Chronology events={shown} item={view.item} onItem={onItem} />
        </Tabs.Panel>
      </Tabs>
    </section>
  );
}

/** What the record does not hold, said once instead of by empty frames. */
function NothingOf({ lanes: absent }: { lanes: Lane[] }) {
  const { t } = useSpeech();
  if (absent.length === 0) return null;
  return <p className={styles.nothing}>{absent.map((lane) => t(`nothing.${lane}`)).join(" ")}</p>;
}

/** The 360 view: who, a filter over everything, the timeline, the panels, and the selected item. */
export function PatientRecordView({ record }: { record: PatientRecord }) {
  const { t } = useSpeech();
  const { search } = useLocation();
  const view = useMemo(() => readView(search), [search]);
  const events = useMemo(() => eventsOf(record), [record]);
  const shown = useMemo(() => filterEvents(events, filterOf(view)), [events, view]);
  const full = useMemo(() => spanOf(shown), [shown]);
  const selection = resolveItem(view.item, events, shown);
  const onItem = useCallback((item: string) => changeView({ item }), []);
  const panel = { events: shown, item: view.item, onItem };
  const filled = useMemo(() => filledLanes(events), [events]);
  const laneNames = useMemo(
    () => filled.filter((lane) => view.lanes.includes(lane)),
    [filled, view.lanes],
  );
  const has = (lane: Lane) => laneNames.includes(lane);
  if (events.length === 0) {
    return (
      <>
        <PatientHeader record={record} events={events} />
        <div className={styles.alone}>
          <Notice tone="calm" title={t("view.empty")} hint={t("view.emptyHint")} />
        </div>
      </>
    );
  }
  return (
    <>
      <PatientHeader record={record} events={events} />
      <FilterBar view={view} onView={changeView} events={events} shownCount={shown.length} />
      {shown.length === 0 && <Notice tone="calm" title={t("filter.empty")} />}
      <div className={styles.page}>
        <div className={styles.record}>
          <Overview
            view={view}
            laneNames={laneNames}
            shown={shown}
            full={full}
            onItem={onItem}
          />
          <div className={styles.pair}>
            {has("diagnosis") && <DiagnosesPanel {...panel} />}
            {has("act") && <ActsPanel {...panel} />}
            {has("drug") && <DrugsPanel {...panel} />}
            {has("observation") && <ObservationsPanel {...panel} />}
          </div>
          {has("report") && <ReportsPanel {...panel} />}
          {has("lab") && <LabsPanel events={shown} view={view} onView={changeView} />}
          <NothingOf lanes={lanes.filter((lane) => !filled.includes(lane))} />
        </div>
        <DetailPane selection={selection} every={events} onItem={onItem} />
      </div>
    </>
  );
}
