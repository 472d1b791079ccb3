import { Button, NativeSelect, TextInput } from "@mantine/core";
import type { PatientSearch } from "../api/queries";
import { navigate, withQuery } from "../app/router";
import { useDraft } from "../parts/use_draft";
import { useSpeech } from "../texts/language";
import styles from "./patients.module.css";
import { agesCross, clearedSearch, isSearching, searchPatch, type Criterion } from "./search_state";

function change(field: Criterion, text: string): void {
  navigate(withQuery(searchPatch(field, text)), "replace");
}

export function PatientSearchBar({ search }: { search: PatientSearch }) {
  const { t } = useSpeech();
  const [ageMin, setAgeMin] = useDraft(String(search.ageMin ?? ""), (x) => change("age_min", x));
  const [ageMax, setAgeMax] = useDraft(String(search.ageMax ?? ""), (x) => change("age_max", x));
  const [code, setCode] = useDraft(search.code, (x) => change("code", x));
  const ageProps = { size: "xs", w: 104, type: "number", min: 0, max: 130 } as const;
  return (
    <search className={styles.bar} aria-label={t("search.title")}>
      <NativeSelect
        size="xs"
        label={t("search.sex")}
        value={search.sex}
        onChange={(event) => change("sex", event.currentTarget.value)}
        data={[
          { value: "", label: t("search.anySex") },
          { value: "F", label: t("sex.F") },
          { value: "M", label: t("sex.M") },
          { value: "U", label: t("sex.U") },
        ]}
      />
      <TextInput
        {...ageProps}
        label={t("search.ageMin")}
        value={ageMin}
        onChange={(event) => setAgeMin(event.currentTarget.value)}
      />
      <TextInput
        {...ageProps}
        label={t("search.ageMax")}
        value={ageMax}
        onChange={(event) => setAgeMax(event.currentTarget.value)}
        error={agesCross(search) ? t("search.agesCrossed") : undefined}
      />
      <TextInput
        size="xs"
        w={230}
        label={t("search.code")}
        placeholder={t("search.codeHint")}
        value={code}
        maxLength={12}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      {isSearching(search) && (
        <Button
          size="xs"
          variant="default"
          onClick={() => navigate(withQuery(clearedSearch), "replace")}
        >
          {t("search.clear")}
        </Button>
      )}
    </search>
  );
}
