import { useElementSize } from "@mantine/hooks";
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { formatMs } from "../../format/dates";
import { formatNumber } from "../../format/numbers";
import { useSpeech, type Speech } from "../../texts/language";
import { describeEvent, whenWords } from "../describe";
import type { ClinicalEvent, Lane, Span } from "../events";
import { kindPath } from "../KindMark";
import { groupItem } from "../selection";
import { Axis } from "./Axis";
import { GlyphMark } from "./GlyphMark";
import {
  isFlagged,
  layoutTimeline,
  neighbour,
  type Glyph,
  type LaneLayout,
  type Step,
} from "./layout";
import { moveOfKey, moveWindow, type WindowMove } from "./moves";
import { centerSpan } from "./scale";
import styles from "./timeline.module.css";
import { Toolbar } from "./Toolbar";
import { usePointer } from "./use_pointer";
import { useWindow } from "./use_window";

interface Props {
  events: ClinicalEvent[];
  lanes: readonly Lane[];
  full: Span;
  kept: Span | null;
  item: string;
  onWindow: (span: Span | null) => void;
  onItem: (item: string) => void;
}

// The lanes' names stand left of the plot; on a narrow screen their sign alone.
const gutterPxWide = 132;
const gutterPxNarrow = 30;
const narrowPx = 620;
const axisPx = 24;

const steps: Record<string, Step> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** What a glyph selects: its group, or its first item (a stay stands for its units). */
function itemOf(glyph: Glyph): string {
  return glyph.shape === "group" ? groupItem(glyph.lane, glyph.events) : glyph.id;
}

// What one must not miss in a glyph: contradicted stays, and results outside their range.
function warningWords({ events, shape }: Glyph, { t }: Speech): string {
  const stays = events.filter(
    ({ body }) => body.kind === "stay" && body.visit.conflicts.length > 0,
  );
  const flagged = shape === "group" ? events.filter(isFlagged).length : 0;
  const conflict = stays.length > 0 ? ` (${t("person.conflicts", { n: stays.length })})` : "";
  return flagged > 0 ? `, ${t("timeline.flagged", { n: flagged })}` : conflict;
}

function labelOf(glyph: Glyph, speech: Speech): string {
  const first = glyph.events[0];
  if (!first) return "";
  const { t } = speech;
  const warning = warningWords(glyph, speech);
  if (glyph.shape !== "group") {
    // The words on the bar come first, so that asking for them by voice finds it.
    const kind = t(`kind.${first.body.kind}`);
    return `${describeEvent(first, speech)}, ${kind}, ${whenWords(first, speech)}${warning}`;
  }
  const times = glyph.events.map((event) => event.startMs ?? 0);
  const words = t("timeline.groupLabel", {
    lane: t(`lane.${glyph.lane}`),
    n: glyph.events.length,
    from: formatMs(Math.min(...times), speech.locale),
    to: formatMs(Math.max(...times), speech.locale),
  });
  return words + warning;
}

function textOf(glyph: Glyph, speech: Speech): string {
  const first = glyph.events[0];
  if (glyph.shape === "group") return formatNumber(glyph.events.length, speech.locale);
  return first && glyph.shape === "bar" ? describeEvent(first, speech) : "";
}

interface LaneProps {
  lane: LaneLayout;
  isOdd: boolean;
  gutterPx: number;
  plotWidth: number;
  item: string;
  entryId: string | null;
  onSelect: (glyph: Glyph) => void;
  onFocus: (glyph: Glyph) => void;
}

function LaneRow(props: LaneProps) {
  const { lane, isOdd, gutterPx, plotWidth, item, entryId, onSelect, onFocus } = props;
  const speech = useSpeech();
  return (
    <g transform={`translate(0,${lane.y + axisPx})`}>
      {isOdd && (
        <rect className={styles.stripe} width={plotWidth + gutterPx} height={lane.height} />
      )}
      {gutterPx === gutterPxWide ? (
        <text className={styles.laneName} x={12} y={21} aria-hidden="true">
          {speech.t(`lane.${lane.lane}`)}
        </text>
      ) : (
        <path
          d={kindPath(lane.lane)}
          transform="translate(15,17)"
          fill={`var(--kind-${lane.lane})`}
        />
      )}
      <g
        transform={`translate(${gutterPx},0)`}
        role="group"
        aria-label={speech.t(`lane.${lane.lane}`)}
        clipPath="url(#eds-plot)"
      >
        {lane.glyphs.map((glyph) => (
          <GlyphMark
            key={glyph.id}
            glyph={glyph}
            y={7 + glyph.row * lane.rowHeight + lane.rowHeight / 2}
            label={labelOf(glyph, speech)}
            text={textOf(glyph, speech)}
            isSelected={itemOf(glyph) === item}
            isEntry={glyph.id === entryId}
            plotWidth={plotWidth}
            onSelect={onSelect}
            onFocus={onFocus}
          />
        ))}
      </g>
    </g>
  );
}

function Footnotes({ outside, undated }: { outside: number; undated: number }) {
  const { t } = useSpeech();
  return (
    <p className={styles.notes}>
      {outside > 0 && <strong>{t("timeline.outside", { n: outside })}</strong>}
      {undated > 0 && <strong>{t("timeline.undated", { n: undated })}</strong>}
      <span id="timeline-help">{t("timeline.help")}</span>
      <span>{t("timeline.helpMouse")}</span>
    </p>
  );
}

/** The record in swim lanes. Arrows walk from item to item, also past the edge of the window. */
export function Timeline({ events, lanes, full, kept, item, onWindow, onItem }: Props) {
  const { t, locale } = useSpeech();
  const { ref: box, width } = useElementSize();
  const svg = useRef<SVGSVGElement>(null);
  const [shown, setWindow] = useWindow(kept, full, onWindow);
  const [focusKey, setFocusKey] = useState<string | null>(null);
  const wanted = useRef<string | null>(null);
  const gutterPx = width < narrowPx ? gutterPxNarrow : gutterPxWide;
  const plotWidth = Math.max(200, width - gutterPx);
  const layout = useMemo(
    () => layoutTimeline(events, lanes, shown, plotWidth),
    [events, lanes, shown, plotWidth],
  );
  const glyphs = layout.lanes.flatMap((lane) => lane.glyphs);
  const holding = (key: string | null) =>
    glyphs.find((glyph) => glyph.id === key || glyph.events.some((event) => event.key === key));
  const entry = holding(focusKey) ?? holding(item) ?? glyphs[0];

  const focusGlyph = (glyph: Glyph | undefined) => {
    const found = [...(svg.current?.querySelectorAll<SVGGElement>("[data-glyph]") ?? [])];
    const mark = found.find((node) => node.dataset.glyph === glyph?.id);
    // A window without any item still answers its keys.
    (mark ?? svg.current)?.focus({ preventScroll: true });
  };

  // After the window moved, the glyph that holds the wanted item takes the focus back.
  useEffect(() => {
    if (wanted.current === null) return;
    focusGlyph(holding(wanted.current) ?? entry);
    wanted.current = null;
  });

  const move = (how: WindowMove) => {
    if (svg.current?.contains(document.activeElement)) wanted.current = focusKey;
    setWindow(moveWindow(how, shown, full, holding(focusKey)?.events[0]?.startMs));
  };

  const walk = (step: Step) => {
    if (!entry) return;
    const next = neighbour(layout, entry.id, step);
    if (next) return focusGlyph(next);
    if (step === "up" || step === "down") return;
    const own = events.filter((e) => e.lane === entry.lane && e.startMs !== null);
    const edge = own.indexOf((step === "left" ? entry.events[0] : entry.events.at(-1)) ?? own[0]!);
    const beyond = own[edge + (step === "left" ? -1 : 1)];
    if (!beyond || beyond.startMs === null || entry.events.includes(beyond)) return;
    wanted.current = beyond.key;
    setWindow(centerSpan(shown, beyond.startMs));
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const how = moveOfKey(event.key, event.shiftKey);
    const step = event.shiftKey ? undefined : steps[event.key];
    if (how) move(how);
    else if (step) walk(step);
    else if ((event.key === "Enter" || event.key === " ") && entry) onItem(itemOf(entry));
    else return;
    event.preventDefault();
  };

  const select = useCallback((glyph: Glyph) => onItem(itemOf(glyph)), [onItem]);
  const remember = useCallback((glyph: Glyph) => setFocusKey(glyph.id), []);
  const hand = usePointer(svg, shown, full, gutterPx, plotWidth, setWindow);
  const height = layout.height + axisPx;
  return (
    <div className={styles.box} ref={box}>
      <Toolbar span={shown} onMove={move} />
      <svg
        ref={svg}
        width="100%"
        height={height}
        role="group"
        aria-label={t("timeline.label")}
        aria-describedby="timeline-help"
        className={styles.svg}
        tabIndex={glyphs.length === 0 ? 0 : -1}
        onKeyDown={onKeyDown}
        {...hand}
      >
        <clipPath id="eds-plot">
          <rect x={-9} y={-20} width={plotWidth + 18} height={height + 40} />
        </clipPath>
        <g transform={`translate(${gutterPx},0)`} className={styles.axis}>
          <Axis span={shown} width={plotWidth} height={height} locale={locale} />
        </g>
        {layout.lanes.map((lane, index) => (
          <LaneRow
            key={lane.lane}
            lane={lane}
            isOdd={index % 2 === 0}
            gutterPx={gutterPx}
            plotWidth={plotWidth}
            item={item}
            entryId={entry?.id ?? null}
            onSelect={select}
            onFocus={remember}
          />
        ))}
      </svg>
      <Footnotes outside={layout.outsideCount} undated={layout.undatedCount} />
    </div>
  );
}
