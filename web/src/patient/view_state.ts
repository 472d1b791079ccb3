// What the patient page shows, read from the address and written back to it. Defaults are left out.

import type { QueryPatch } from "../app/router";
import { dayMs, toIsoDate, toMs } from "../format/dates";
import { lanes, type EventFilter, type Lane, type Span } from "./events";

export interface ViewState {
  tab: "timeline" | "list";
  from: string;
  to: string;
  text: string;
  lanes: readonly Lane[];
  /** The key of the selected item, or "". */
  item: string;
  /** The visible part of the timeline, or null for all of it. */
  window: Span | null;
  /** The analyte whose chart is open, or "". */
  analyte: string;
  labView: "chart" | "table";
}

function lanesIn(text: string | null): readonly Lane[] {
  if (text === null) return lanes;
  const named = text.split(",");
  return lanes.filter((lane) => named.includes(lane));
}

// The window travels as minutes: enough for a screen, and short in an address.
const minuteMs = 60_000;

function windowIn(text: string | null): Span | null {
  const found = /^(-?\d{1,10})~(-?\d{1,10})$/.exec(text ?? "");
  if (!found) return null;
  const span = { startMs: Number(found[1]) * minuteMs, endMs: Number(found[2]) * minuteMs };
  return span.endMs > span.startMs ? span : null;
}

// A year half typed ("0019-01-01") is kept, so that the field is not emptied under the fingers; it
// filters nothing.
function dateIn(text: string | null): string {
  if (text !== null && /^0\d{3}-\d{2}-\d{2}$/.test(text)) return text;
  const ms = toMs(text);
  return ms === null ? "" : toIsoDate(ms);
}

export function readView(search: string): ViewState {
  const query = new URLSearchParams(search);
  return {
    tab: query.get("tab") === "list" ? "list" : "timeline",
    from: dateIn(query.get("from")),
    to: dateIn(query.get("to")),
    text: query.get("q") ?? "",
    lanes: lanesIn(query.get("show")),
    item: query.get("item") ?? "",
    window: windowIn(query.get("window")),
    analyte: query.get("analyte") ?? "",
    labView: query.get("labview") === "table" ? "table" : "chart",
  };
}

/** The query that changes only what `part` names. */
export function viewPatch(part: Partial<ViewState>): QueryPatch {
  const patch: QueryPatch = {};
  if (part.tab !== undefined) patch.tab = part.tab === "list" ? "list" : null;
  if (part.from !== undefined) patch.from = part.from;
  if (part.to !== undefined) patch.to = part.to;
  if (part.text !== undefined) patch.q = part.text;
  if (part.item !== undefined) patch.item = part.item;
  if (part.analyte !== undefined) patch.analyte = part.analyte;
  if (part.labView !== undefined) patch.labview = part.labView === "table" ? "table" : null;
  if (part.lanes !== undefined) {
    const none = part.lanes.length === 0 ? "none" : part.lanes.join(",");
    patch.show = part.lanes.length === lanes.length ? null : none;
  }
  if (part.window !== undefined) {
    const { startMs, endMs } = part.window ?? { startMs: 0, endMs: 0 };
    const minutes = `${Math.floor(startMs / minuteMs)}~${Math.ceil(endMs / minuteMs)}`;
    patch.window = part.window === null ? null : minutes;
  }
  return patch;
}

export function filterOf(view: ViewState): EventFilter {
  const lastDay = toMs(view.to);
  return {
    fromMs: toMs(view.from),
    toMs: lastDay === null ? null : lastDay + dayMs - 1,
    lanes: view.lanes,
    text: view.text,
  };
}

export function isFiltered(view: ViewState): boolean {
  return view.from + view.to + view.text !== "" || view.lanes.length < lanes.length;
}
