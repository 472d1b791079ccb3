import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { meQuery, sessionQuery, signOutMutation } from "../api/queries";
import type { Session } from "../api/types";
import { formatTime } from "../format/dates";
import { useSpeech } from "../texts/language";
import type { Language } from "../texts/texts";
import styles from "./App.module.css";
import { Link } from "./Link";
import { navigate } from "./router";

const languageNames: [Language, string, string][] = [
  ["fr", "FR", "Français"],
  ["en", "EN", "English"],
];

export function LanguageSwitch() {
  const { t, language, setLanguage } = useSpeech();
  return (
    <div className={styles.languages} role="group" aria-label={t("app.language")}>
      {languageNames.map(([code, short, name]) => (
        <button
          key={code}
          type="button"
          lang={code}
          title={name}
          aria-pressed={language === code}
          onClick={() => setLanguage(code)}
        >
          <span aria-hidden="true">{short}</span>
          <span className="visually-hidden">{name}</span>
        </button>
      ))}
    </div>
  );
}

function SessionFacts({ session }: { session: Session }) {
  const { t, locale } = useSpeech();
  const { release } = session;
  const date = formatTime(release.created_at, locale);
  return (
    <>
      {session.synthetic && (
        <span className={styles.synthetic} title={t("app.syntheticWhy")}>
          {t("app.synthetic")}
        </span>
      )}
      <dl className={styles.facts}>
        <div>
          <dt>{t("app.warehouse")}</dt>
          <dd>{session.warehouse}</dd>
        </div>
        <div title={t("app.releaseFrom", { name: release.name, date })}>
          <dt>{t("app.release")}</dt>
          <dd>{release.name}</dd>
        </div>
      </dl>
    </>
  );
}

function Account() {
  const { t } = useSpeech();
  const me = useQuery(meQuery);
  const client = useQueryClient();
  const signOut = useMutation({
    ...signOutMutation,
    // Whether or not the server heard it, nothing of the session stays in this page.
    onSettled: (address) => {
      navigate("/", "push");
      client.removeQueries({ type: "inactive" });
      client.getMutationCache().clear();
      void client.resetQueries();
      if (address) window.location.assign(address);
    },
  });
  if (!me.data) return null;
  return (
    <nav className={styles.account} aria-label={t("account.nav")}>
      <Link to="/rights" title={t("account.rights")}>
        {me.data.user.name}
        <span className="visually-hidden">, {t("account.rights")}</span>
      </Link>
      <button type="button" onClick={() => signOut.mutate()}>
        {t("account.signOut")}
      </button>
    </nav>
  );
}

export function Header() {
  const { t } = useSpeech();
  const session = useQuery(sessionQuery);
  return (
    <header className={styles.header}>
      <Link to="/patients" className={styles.brand}>
        <img src="/favicon.svg" alt="" width="26" height="26" />
        <strong>{t("app.name")}</strong>
        <span>{t("app.subtitle")}</span>
      </Link>
      {session.data ? <SessionFacts session={session.data} /> : <div className={styles.facts} />}
      <Account />
      <LanguageSwitch />
    </header>
  );
}
