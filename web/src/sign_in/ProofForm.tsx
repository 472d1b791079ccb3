import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { meQuery, proofMutation } from "../api/queries";
import { useSpeech } from "../texts/language";
import { wordsOfRefusal } from "./SignInPage";
import styles from "./sign_in.module.css";

interface Props {
  onProved: () => void;
  onCancel: () => void;
}

/** The password again, before something that asks whether it is still you. */
export function ProofForm({ onProved, onCancel }: Props) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [password, setPassword] = useState("");
  const prove = useMutation({
    ...proofMutation,
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: meQuery.queryKey });
      onProved();
    },
    onError: () => setPassword(""),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    prove.mutate(password);
  };
  return (
    <form className={styles.proof} onSubmit={submit}>
      <TextInput
        size="xs"
        type="password"
        autoFocus
        autoComplete="current-password"
        label={t("signIn.again")}
        description={t("signIn.againWhy")}
        error={prove.isError ? t(wordsOfRefusal(prove.error)) : null}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button size="xs" type="submit" disabled={password === ""} loading={prove.isPending}>
        {t("signIn.confirm")}
      </Button>
      <Button size="xs" variant="default" onClick={onCancel}>
        {t("identity.cancel")}
      </Button>
    </form>
  );
}
