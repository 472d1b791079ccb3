import type { Flag } from "../api/types";
import { useSpeech } from "../texts/language";
import styles from "./parts.module.css";

const words = { H: "labs.high", L: "labs.low", N: "labs.normal" } as const;
const arrows = { H: "▲", L: "▼", N: "" } as const;

/** High or low in words and by an arrow; the colour only repeats it. */
export function FlagMark({ flag }: { flag: Flag }) {
  const { t } = useSpeech();
  if (flag === null) return null;
  return (
    <span className={styles.flag} data-flag={flag}>
      {arrows[flag] !== "" && <span aria-hidden="true">{arrows[flag]}</span>}
      {t(words[flag])}
    </span>
  );
}
