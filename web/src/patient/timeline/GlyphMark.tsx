import { memo } from "react";
import { kindPath } from "../KindMark";
import { groupPx, isFlagged, type Glyph } from "./layout";
import styles from "./timeline.module.css";

interface Props {
  glyph: Glyph;
  /** The middle of its row. */
  y: number;
  label: string;
  text: string;
  isSelected: boolean;
  isEntry: boolean;
  plotWidth: number;
  onSelect: (glyph: Glyph) => void;
  onFocus: (glyph: Glyph) => void;
}

const letterPx = 6.1;

function Bar({ glyph, y, text, plotWidth }: Props) {
  const isStay = glyph.events[0]?.body.kind === "stay";
  const x0 = Math.max(0, glyph.x0);
  const width = Math.max(3, Math.min(plotWidth, glyph.x1) - x0);
  const half = isStay ? 8 : 7;
  const room = Math.floor((width - 10) / letterPx);
  const shown = text.length <= room ? text : room >= 5 ? `${text.slice(0, room - 1)}…` : "";
  return (
    <>
      <rect x={x0} y={y - half} width={width} height={half * 2} rx={2.5} />
      {shown && (
        <text x={x0 + 6} y={y + 4} aria-hidden="true">
          {shown}
        </text>
      )}
    </>
  );
}

function Group({ glyph, y, text }: Props) {
  const width = groupPx(glyph.events.length);
  const middle = glyph.x0 - 8 + width / 2;
  return (
    <>
      <rect x={middle - width / 2} y={y - 8} width={width} height={16} rx={8} />
      <text x={middle} y={y + 4} textAnchor="middle" aria-hidden="true">
        {text}
      </text>
      {glyph.events.some(isFlagged) && (
        <path className={styles.flagged} d={`M${middle},${y - 15}l3.5,3.5l-3.5,3.5l-3.5,-3.5z`} />
      )}
    </>
  );
}

// High and low results are triangles that point up and down: the shape says it without the colour.
function pathOf(glyph: Glyph): string {
  const event = glyph.events[0];
  if (event?.flag === "H") return "M0,-6L6,5H-6z";
  if (event?.flag === "L") return "M0,6L6,-5H-6z";
  return kindPath(event?.body.kind ?? "stay");
}

function Mark({ glyph, y }: Props) {
  const event = glyph.events[0];
  const length = event?.endMs === null ? 0 : glyph.x1 - glyph.x0;
  return (
    <>
      {length > 8 && <path className={styles.tail} d={`M${glyph.x0},${y}h${length}`} />}
      <circle cx={glyph.x0} cy={y} r={9} fill="transparent" />
      <path d={pathOf(glyph)} transform={`translate(${glyph.x0},${y})`} />
    </>
  );
}

function GlyphMarkPlain(props: Props) {
  const { glyph, label, isSelected, isEntry, onSelect, onFocus } = props;
  const first = glyph.events[0];
  const hasConflict = glyph.events.some(
    ({ body }) => body.kind === "stay" && body.visit.conflicts.length > 0,
  );
  return (
    <g
      role="button"
      tabIndex={isEntry ? 0 : -1}
      aria-label={label}
      aria-pressed={isSelected}
      className={styles.glyph}
      data-glyph={glyph.id}
      data-kind={first?.body.kind}
      data-shape={glyph.shape}
      data-flag={glyph.shape === "mark" ? (first?.flag ?? undefined) : undefined}
      data-conflict={hasConflict || undefined}
      onClick={() => onSelect(glyph)}
      onFocus={() => onFocus(glyph)}
    >
      <title>{label}</title>
      {glyph.shape === "bar" && <Bar {...props} />}
      {glyph.shape === "mark" && <Mark {...props} />}
      {glyph.shape === "group" && <Group {...props} />}
    </g>
  );
}

export const GlyphMark = memo(GlyphMarkPlain);
