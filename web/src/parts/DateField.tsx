import { TextInput } from "@mantine/core";
import { useState } from "react";
import { dateAsTyped, readTypedDate } from "../format/dates";
import { useSpeech } from "../texts/language";

interface Props {
  label: string;
  /** YYYY-MM-DD, or "" for none. */
  value: string;
  onDate: (iso: string) => void;
  error?: string | undefined;
}

/**
 * A date typed day first, whatever the language of the browser: its own date field would write
 * mm/dd on a French page.
 */
export function DateField({ label, value, onDate, error }: Props) {
  const { t } = useSpeech();
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? dateAsTyped(value);
  const isUnread = text !== "" && text.length >= 8 && readTypedDate(text) === null;
  const change = (next: string) => {
    setDraft(next);
    const iso = next.trim() === "" ? "" : readTypedDate(next);
    if (iso !== null && iso !== value) onDate(iso);
  };
  return (
    <TextInput
      size="xs"
      w={124}
      inputMode="numeric"
      autoComplete="off"
      maxLength={10}
      label={label}
      placeholder={t("filter.dateHint")}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      // Once left, the field says what is applied.
      onBlur={() => setDraft(null)}
      error={isUnread ? t("filter.dateUnread") : error}
    />
  );
}
