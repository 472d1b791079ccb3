import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { meQuery } from "../api/queries";
import type { Access, Decision, Me } from "../api/types";
import { Link } from "../app/Link";
import { formatTime } from "../format/dates";
import { ErrorNotice } from "../parts/ErrorNotice";
import { Loading } from "../parts/Loading";
import { Notice } from "../parts/Notice";
import { Panel } from "../parts/Panel";
import { fr } from "../texts/fr";
import { useSpeech } from "../texts/language";
import styles from "./rights.module.css";

function SessionPanel({ session }: { session: NonNullable<Me["session"]> }) {
  const { t, locale } = useSpeech();
  const facts = [
    [t("rights.method"), t(`rights.methods.${session.method}`)],
    [t("rights.factors"), String(session.factors)],
    [t("rights.since"), formatTime(localTime(session.start), locale)],
    [t("rights.idleEnd"), formatTime(localTime(session.idle_end), locale)],
    [t("rights.end"), formatTime(localTime(session.end), locale)],
  ] as const;
  return (
    <Panel title={t("rights.session")}>
      <dl className={styles.facts}>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

/** An instant of the server as the wall clock here, in the shape the API's times have. */
export function localTime(instant: string): string {
  const date = new Date(instant);
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

function AccessRow({ access }: { access: Access }) {
  const { t, locale } = useSpeech();
  return (
    <tr data-state={access.state}>
      <th scope="row">{access.role}</th>
      <td>
        <span className="code">{access.perimeter}</span> {access.perimeter_name}
      </td>
      <td>{t(`rights.grounds.${access.ground}`)}</td>
      <td className="figures">{formatTime(localTime(access.end), locale)}</td>
      <td>{t(`rights.states.${access.state}`)}</td>
      <td className={styles.held}>{access.rights.join(", ")}</td>
    </tr>
  );
}

function Rows({
  caption,
  heads,
  children,
}: {
  caption: string;
  heads: string[];
  children: ReactNode;
}) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function AccessPanel({ accesses }: { accesses: Access[] }) {
  const { t } = useSpeech();
  if (accesses.length === 0) {
    return <Notice tone="calm" title={t("rights.noAccess")} hint={t("rights.noAccessHint")} />;
  }
  const heads = [
    t("rights.role"),
    t("rights.where"),
    t("rights.ground"),
    t("rights.until"),
    t("rights.state"),
    t("rights.held"),
  ];
  return (
    <Panel title={t("rights.accesses")} count={accesses.length}>
      <Rows caption={t("rights.accesses")} heads={heads}>
        {accesses.map((access) => (
          <AccessRow key={access.id} access={access} />
        ))}
      </Rows>
    </Panel>
  );
}

type ActionName = keyof (typeof fr)["rights"]["actions"];

function isNamed(action: string): action is ActionName {
  return action in fr.rights.actions;
}

function DecisionRow({ decision }: { decision: Decision }) {
  const { t, language } = useSpeech();
  const { action } = decision;
  return (
    <tr>
      <th scope="row">{isNamed(action) ? t(`rights.actions.${action}`) : action}</th>
      <td>{t(`rights.grounds.${decision.ground}`)}</td>
      <td>
        <span className={styles.answer} data-allowed={decision.allowed}>
          {decision.allowed ? t("rights.yes") : t("rights.no")}
        </span>
      </td>
      <td>
        <pre className={styles.why}>{decision.why[language]}</pre>
      </td>
    </tr>
  );
}

function DecisionPanel({ decisions }: { decisions: Decision[] }) {
  const { t } = useSpeech();
  const heads = [t("rights.what"), t("rights.ground"), t("rights.answer"), t("rights.why")];
  return (
    <Panel title={t("rights.decisions")}>
      <Rows caption={t("rights.decisions")} heads={heads}>
        {decisions.map((decision) => (
          <DecisionRow key={decision.action + decision.ground} decision={decision} />
        ))}
      </Rows>
    </Panel>
  );
}

/** Each access, and each answer of the policy with the rule that made it. */
export function RightsPage() {
  const { t } = useSpeech();
  const me = useQuery(meQuery);
  if (me.isPending) return <Loading label={t("state.loading")} />;
  if (me.isError) return <ErrorNotice isPage error={me.error} onRetry={() => void me.refetch()} />;
  return (
    <div className={styles.page}>
      <Link to="/patients">
        <span aria-hidden="true">← </span>
        {t("page.backToList")}
      </Link>
      <h1>{t("rights.title")}</h1>
      {me.data.session && <SessionPanel session={me.data.session} />}
      <AccessPanel accesses={me.data.accesses} />
      <DecisionPanel decisions={me.data.decisions} />
    </div>
  );
}
