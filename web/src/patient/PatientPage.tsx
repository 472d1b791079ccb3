import { useQuery } from "@tanstack/react-query";
import { patientQuery } from "../api/queries";
import { Link } from "../app/Link";
import { useLocation } from "../app/router";
import { ErrorNotice } from "../parts/ErrorNotice";
import { Loading } from "../parts/Loading";
import { useSpeech } from "../texts/language";
import { keptSearch } from "../patients/search_state";
import { PatientRecordView } from "./PatientRecordView";
import styles from "./patient.module.css";

/** Everything the warehouse knows of one person. */
export function PatientPage({ id }: { id: string }) {
  const { t } = useSpeech();
  const { search } = useLocation();
  const query = useQuery(patientQuery(id));
  return (
    <>
      <nav className={styles.crumbs} aria-label={t("app.mainNav")}>
        <Link to="/patients" query={keptSearch(search)}>
          <span aria-hidden="true">← </span>
          {t("page.backToList")}
        </Link>
      </nav>
      {query.isPending && <Loading label={t("state.loadingPatient")} rows={14} />}
      {query.isError && (
        <ErrorNotice isPage error={query.error} onRetry={() => void query.refetch()} />
      )}
      {!query.isError && query.data && <PatientRecordView record={query.data} />}
    </>
  );
}
