import { Button } from "@mantine/core";
import { ApiError } from "../api/client";
import { useSpeech } from "../texts/language";
import { Notice } from "./Notice";
import { wordsOfError } from "./error_words";
import styles from "./parts.module.css";

interface Props {
  error: Error;
  isPage?: boolean;
  onRetry?: () => void;
}

/** What failed, where, and what to do about it. */
export function ErrorNotice({ error, isPage = false, onRetry }: Props) {
  const { t } = useSpeech();
  const { what, hint } = wordsOfError(error);
  return (
    <Notice tone="bad" isPage={isPage} title={t(what)} hint={t(hint)}>
      {error instanceof ApiError && (
        <ul className={styles.errorFacts}>
          <li>{t("state.errorWhere", { path: error.path })}</li>
          <li>{t("state.errorCode", { code: error.code })}</li>
          {error.message !== "" && <li>{t("state.errorServer", { message: error.message })}</li>}
        </ul>
      )}
      {onRetry && (
        <Button size="xs" variant="default" onClick={onRetry}>
          {t("state.retry")}
        </Button>
      )}
    </Notice>
  );
}
