import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { leaveToProveMutation, meQuery, proofMutation } from "../api/queries";
import { useSpeech } from "../texts/language";
import { wordsOfRefusal } from "./SignInPage";
import styles from "./sign_in.module.css";

interface Props {
  onProved: () => void;
  onCancel: () => void;
}

/** A session that began at the provider is proved there: the browser leaves, and comes back. */
function ProviderProof({ onCancel }: Pick<Props, "onCancel">) {
  const { t } = useSpeech();
  const leave = useMutation(leaveToProveMutation);
  return (
    <div className={styles.proof}>
      <p className="quiet">{t("signIn.againAway")}</p>
      {leave.isError && <p role="alert">{t("signIn.returns.unavailable")}</p>}
      <Button
        size="xs"
        loading={leave.isPending || leave.isSuccess}
        onClick={() => leave.mutate(window.location.pathname)}
      >
        {t("signIn.confirm")}
      </Button>
      <Button size="xs" variant="default" onClick={onCancel}>
        {t("identity.cancel")}
      </Button>
    </div>
  );
}

/** What asks whether it is still you, before something that needs to know. */
export function ProofForm(props: Props) {
  const me = useQuery(meQuery);
  if (me.data?.session?.method === "provider") return <ProviderProof onCancel={props.onCancel} />;
  return <PasswordProof {...props} />;
}

function PasswordProof({ onProved, onCancel }: Props) {
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
