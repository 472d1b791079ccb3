import { Button } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { Identity } from "../../api/types";
import { formatDate } from "../../format/dates";
import { useSpeech, type TextKey } from "../../texts/language";
import styles from "./identity.module.css";

const kinds = new Map<string, TextKey>([
  ["ipp", "identity.ipp"],
  ["ins", "identity.ins"],
  ["nir", "identity.nir"],
]);

function Fact({ name, children }: { name: string; children: string | null }) {
  if (!children) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The names by which a caregiver knows the patient, and the numbers that say it is them. */
export function IdentityFacts({ identity, onHide }: { identity: Identity; onHide: () => void }) {
  const { t, locale } = useSpeech();
  const box = useRef<HTMLDivElement>(null);
  // The form that held the focus is gone: the answer takes it, and is read out.
  useEffect(() => box.current?.focus(), []);
  const { birth_name: birthName, used_name: usedName, first_names: firstNames } = identity;
  const name = [usedName ?? birthName, firstNames].filter((part) => part !== null).join(" ");
  const title = t("identity.title");
  return (
    <div ref={box} tabIndex={-1} role="group" aria-label={title} className={styles.box}>
      <strong className={styles.name}>{name || t("identity.nameless")}</strong>
      <dl className={styles.facts}>
        <Fact name={t("identity.birthName")}>{birthName === usedName ? null : birthName}</Fact>
        <Fact name={t("identity.birthDate")}>{formatDate(identity.birth_date, locale)}</Fact>
        <Fact name={t("identity.birthPlace")}>{identity.birth_place}</Fact>
        {identity.identifiers.map(({ kind, authority, value }) => {
          const known = kinds.get(kind) as "identity.ipp" | undefined;
          const title = t(known ?? "identity.external");
          const shown = authority === null ? value : `${value ?? ""} (${authority})`;
          return (
            <Fact key={`${kind} ${authority ?? ""} ${value ?? ""}`} name={title}>
              {shown}
            </Fact>
          );
        })}
      </dl>
      <Button size="compact-xs" variant="default" onClick={onHide}>
        {t("identity.hide")}
      </Button>
    </div>
  );
}
