import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { ApiError } from "../api/client";
import { leaveToSignInMutation, signInMutation, waysQuery } from "../api/queries";
import { LanguageSwitch } from "../app/Header";
import { useLocation } from "../app/router";
import { wordsOfError } from "../parts/error_words";
import { useSpeech } from "../texts/language";
import styles from "./sign_in.module.css";

/** What to say of a try that opened nothing. */
export function wordsOfRefusal(error: Error) {
  if (error instanceof ApiError && error.code === "no-entry") return "signIn.wrong";
  if (error instanceof ApiError && error.code === "wait") return "signIn.wait";
  return wordsOfError(error).what;
}

function PasswordForm() {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    ...signInMutation,
    onSuccess: () => client.resetQueries(),
    onError: () => setPassword(""),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ name, password });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextInput
        label={t("signIn.name")}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        required
        withAsterisk={false}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t("signIn.password")}
        type="password"
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {signIn.isError && (
        <p role="alert" className={styles.error}>
          {t(wordsOfRefusal(signIn.error))}
        </p>
      )}
      <Button type="submit" loading={signIn.isPending}>
        {t("signIn.enter")}
      </Button>
    </form>
  );
}

const returns = ["expired", "refused", "no-account", "unavailable"] as const;

/** What the provider's answer came to, as the address says after a way back without a session. */
function wordsOfReturn(search: string) {
  const how = new URLSearchParams(search).get("sign-in");
  const known = returns.find((each) => each === how);
  return known && (`signIn.returns.${known}` as const);
}

function ProviderButton({ name }: { name: string }) {
  const { t } = useSpeech();
  const { path } = useLocation();
  const leave = useMutation(leaveToSignInMutation);
  return (
    <div className={styles.form}>
      {leave.isError && (
        <p role="alert" className={styles.error}>
          {t("signIn.returns.unavailable")}
        </p>
      )}
      <Button
        variant="default"
        loading={leave.isPending || leave.isSuccess}
        onClick={() => leave.mutate(path)}
      >
        {t("signIn.enterWith", { provider: name })}
      </Button>
    </div>
  );
}

/** The way in: all that is shown to whoever is not signed in. */
export function SignInPage() {
  const { t } = useSpeech();
  const ways = useQuery(waysQuery);
  const { search } = useLocation();
  const returned = wordsOfReturn(search);
  useEffect(() => {
    document.title = `${t("signIn.title")} · ${t("app.name")}`;
  }, [t]);
  return (
    <main id="main" className={styles.page}>
      <div className={`sheet ${styles.card ?? ""}`}>
        <div className={styles.head}>
          <img src="/favicon.svg" alt="" width="34" height="34" />
          <div>
            <h1>{t("signIn.title")}</h1>
            <p className="quiet">
              {ways.data ? t("signIn.lead", { warehouse: ways.data.warehouse }) : t("app.subtitle")}
            </p>
          </div>
        </div>
        {ways.data?.synthetic && <p className={styles.note}>{t("app.syntheticWhy")}</p>}
        {returned && (
          <p role="alert" className={styles.error}>
            {t(returned)}
          </p>
        )}
        {ways.data?.provider && <ProviderButton name={ways.data.provider.name} />}
        {ways.data?.password && <PasswordForm />}
        {ways.isError && (
          <p role="alert" className={styles.error}>
            {t(wordsOfError(ways.error).what)}
          </p>
        )}
        <p className={`quiet ${styles.small ?? ""}`}>{t("signIn.audited")}</p>
        <div className={styles.languages}>
          <LanguageSwitch />
        </div>
      </div>
    </main>
  );
}
