import { formatMs } from "../../format/dates";
import type { Span } from "../events";
import { axisTicks, toX, type Tick } from "./scale";
import styles from "./timeline.module.css";

const gapPx = 84;

const options: Record<Tick["unit"], Intl.DateTimeFormatOptions> = {
  year: { year: "numeric" },
  month: { month: "short", year: "numeric" },
  day: { day: "numeric", month: "short", year: "numeric" },
  hour: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
};

interface Props {
  span: Span;
  width: number;
  height: number;
  locale: string;
}

/** The dates along the top and their lines through the lanes. */
export function Axis({ span, width, height, locale }: Props) {
  return (
    <g aria-hidden="true">
      {axisTicks(span, width, gapPx).map(({ ms, unit }) => {
        const x = toX(ms, span, width);
        return (
          <g key={ms}>
            <line className={styles.tick} x1={x} x2={x} y1={18} y2={height} />
            {x < width - gapPx + 14 && (
              <text className={styles.tickText} x={x + 4} y={14}>
                {formatMs(ms, locale, options[unit])}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}
