import { ActionIcon } from "@mantine/core";
import { formatMs } from "../../format/dates";
import { useSpeech } from "../../texts/language";
import type { Span } from "../events";
import type { WindowMove } from "./moves";
import styles from "./timeline.module.css";

interface Props {
  span: Span;
  onMove: (move: WindowMove) => void;
}

const buttons = [
  ["left", "timeline.panLeft", "←"],
  ["right", "timeline.panRight", "→"],
  ["in", "timeline.zoomIn", "+"],
  ["out", "timeline.zoomOut", "−"],
  ["fit", "timeline.fit", "⤢"],
] as const;

export function Toolbar({ span, onMove }: Props) {
  const { t, locale } = useSpeech();
  const from = formatMs(span.startMs, locale);
  const to = formatMs(span.endMs, locale);
  return (
    <div className={styles.toolbar}>
      <span className="figures quiet">{t("timeline.window", { from, to })}</span>
      <div role="group" aria-label={t("timeline.label")}>
        {buttons.map(([move, key, sign]) => (
          <ActionIcon
            key={move}
            size="sm"
            variant="default"
            aria-label={t(key)}
            title={t(key)}
            onClick={() => onMove(move)}
          >
            <span aria-hidden="true">{sign}</span>
          </ActionIcon>
        ))}
      </div>
    </div>
  );
}
