// Where each item of the record stands on the timeline. Pure: events, window and width in, glyphs
// out. Items too close to be told apart merge into one glyph that carries all of them, so every
// event inside the window belongs to exactly one glyph: nothing disappears.

import { lanes, type ClinicalEvent, type Lane, type Span } from "../events";
import { toX } from "./scale";

export interface Glyph {
  /** The key of its first event. */
  id: string;
  lane: Lane;
  shape: "bar" | "mark" | "group";
  events: ClinicalEvent[];
  x0: number;
  x1: number;
  row: number;
}

export interface LaneLayout {
  lane: Lane;
  y: number;
  height: number;
  rowHeight: number;
  glyphs: Glyph[];
  eventCount: number;
}

export interface TimelineLayout {
  lanes: LaneLayout[];
  height: number;
  outsideCount: number;
  undatedCount: number;
}

/** A stay narrower than this is a mark: a bar could not be hit. */
export const barPxMin = 7;
/** Marks nearer than this merge. */
export const markGapPx = 15;
/** The units of a stay are drawn once its bar is this wide. */
const movementsPxMin = 36;
const rowPx = 20;
const lanePadPx = 7;

interface Placed {
  event: ClinicalEvent;
  x0: number;
  x1: number;
}

function place(event: ClinicalEvent, span: Span, width: number): Placed {
  const startMs = event.startMs ?? 0;
  const x0 = toX(startMs, span, width);
  const x1 = event.endMs === null ? x0 : toX(event.endMs, span, width);
  return { event, x0, x1 };
}

/** How wide a group of `count` items is drawn, from 8 pixels left of its first item. */
export function groupPx(count: number): number {
  return Math.max(16, String(count).length * 6.6 + 9);
}

/** The server says this result is above or below its range. */
export function isFlagged({ flag }: ClinicalEvent): boolean {
  return flag === "H" || flag === "L";
}

/** The room a mark or group takes from its first item to the next glyph. */
function roomPx(glyph: Glyph): number {
  return Math.max(markGapPx, groupPx(glyph.events.length) + 1);
}

/** Merges neighbours whose marks would touch; `placed` is ordered by time. */
export function mergeMarks(placed: Placed[], lane: Lane): Glyph[] {
  const glyphs: Glyph[] = [];
  for (const { event, x0 } of placed) {
    const last = glyphs[glyphs.length - 1];
    if (last && x0 - last.x0 < roomPx(last)) {
      last.events.push(event);
      last.x1 = x0;
      last.shape = "group";
    } else {
      glyphs.push({ id: event.key, lane, shape: "mark", events: [event], x0, x1: x0, row: 0 });
    }
  }
  return glyphs;
}

// The stay's bar has room under it for its units.
function isRoomy(glyph: Glyph): boolean {
  return glyph.shape === "bar" && glyph.x1 - glyph.x0 >= movementsPxMin;
}

/**
 * Gives each stay the first row where it overlaps no other, and each row that shows units a row
 * under it for them. Answers how many rows there are.
 */
function packRows(glyphs: Glyph[]): number {
  const ends: number[] = [];
  for (const glyph of [...glyphs].sort((a, b) => a.x0 - b.x0)) {
    const isBar = glyph.shape === "bar";
    const left = isBar ? glyph.x0 : glyph.x0 - 8;
    const free = ends.findIndex((end) => end <= left);
    glyph.row = free < 0 ? ends.length : free;
    ends[glyph.row] = isBar ? glyph.x1 + 1 : glyph.x0 + groupPx(glyph.events.length) - 8;
  }
  const withUnits = new Set(glyphs.filter(isRoomy).map((glyph) => glyph.row));
  const rowsAbove = (row: number) => [...withUnits].filter((own) => own < row).length;
  for (const glyph of glyphs) glyph.row += rowsAbove(glyph.row);
  return Math.max(1, ends.length) + withUnits.size;
}

// A movement belongs to the row under its stay when the stay's bar has room for it; otherwise it
// merges into the stay's own glyph.
function stayGlyphs(placed: Placed[]): { glyphs: Glyph[]; rowCount: number } {
  const stays = placed.filter(({ event }) => event.body.kind === "stay");
  const wide = stays.filter(({ x0, x1 }) => x1 - x0 >= barPxMin);
  const bars = wide.map(
    ({ event, x0, x1 }): Glyph => ({
      id: event.key,
      lane: "stay",
      shape: "bar",
      events: [event],
      x0,
      x1,
      row: 0,
    }),
  );
  const marks = mergeMarks(stays.filter((stay) => !wide.includes(stay)), "stay");
  const glyphs = [...bars, ...marks];
  const rowCount = packRows(glyphs);
  const byStay = new Map(glyphs.flatMap((glyph) => glyph.events.map((e) => [e.visitId, glyph])));
  const lastOf = new Map<string | null, Glyph>();
  for (const { event, x0, x1 } of placed) {
    if (event.body.kind !== "movement") continue;
    // One leaves a unit on the day one enters the next: the bars meet there instead of overlapping.
    const before = lastOf.get(event.visitId);
    if (before && before.x0 < x0) before.x1 = Math.min(before.x1, x0);
    const stay = byStay.get(event.visitId);
    if (stay && !isRoomy(stay)) {
      stay.events.push(event);
      continue;
    }
    const shape = x1 - x0 >= 2 ? "bar" : "mark";
    const row = stay ? stay.row + 1 : 0;
    const glyph: Glyph = { id: event.key, lane: "stay", shape, events: [event], x0, x1, row };
    glyphs.push(glyph);
    lastOf.set(event.visitId, glyph);
  }
  glyphs.sort((a, b) => a.x0 - b.x0 || a.row - b.row);
  return { glyphs, rowCount };
}

export function layoutTimeline(
  events: ClinicalEvent[],
  shownLanes: readonly Lane[],
  span: Span,
  width: number,
): TimelineLayout {
  const byLane = new Map<Lane, Placed[]>();
  let outsideCount = 0;
  let undatedCount = 0;
  for (const event of events) {
    if (event.startMs === null) undatedCount += 1;
    else if (event.startMs > span.endMs || (event.endMs ?? event.startMs) < span.startMs) {
      outsideCount += 1;
    } else {
      const list = byLane.get(event.lane) ?? [];
      list.push(place(event, span, width));
      byLane.set(event.lane, list);
    }
  }
  let y = 0;
  const laid = lanes
    .filter((lane) => shownLanes.includes(lane))
    .map((lane): LaneLayout => {
      const placed = byLane.get(lane) ?? [];
      const { glyphs, rowCount } =
        lane === "stay"
          ? stayGlyphs(placed)
          : { glyphs: mergeMarks(placed, lane), rowCount: 1 };
      const height = rowCount * rowPx + lanePadPx * 2;
      const done = { lane, y, height, rowHeight: rowPx, glyphs, eventCount: placed.length };
      y += height;
      return done;
    });
  return { lanes: laid, height: y, outsideCount, undatedCount };
}

export type Step = "left" | "right" | "up" | "down";

/** The glyph one arrow away: along its lane, or the nearest of the next lane that has any. */
export function neighbour(layout: TimelineLayout, id: string, step: Step): Glyph | null {
  const filled = layout.lanes.filter(({ glyphs }) => glyphs.length > 0);
  const laneIndex = filled.findIndex(({ glyphs }) => glyphs.some((glyph) => glyph.id === id));
  const lane = filled[laneIndex];
  const index = lane?.glyphs.findIndex((glyph) => glyph.id === id) ?? -1;
  const here = lane?.glyphs[index];
  if (!lane || !here) return null;
  if (step === "left" || step === "right") {
    return lane.glyphs[index + (step === "left" ? -1 : 1)] ?? null;
  }
  const target = filled[laneIndex + (step === "up" ? -1 : 1)];
  let best: Glyph | null = null;
  for (const glyph of target?.glyphs ?? []) {
    if (!best || Math.abs(glyph.x0 - here.x0) < Math.abs(best.x0 - here.x0)) best = glyph;
  }
  return best;
}
