import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { patientPageRows, patientsQuery } from "../api/queries";
import type { PatientPage, PatientSummary } from "../api/types";
import { Link } from "../app/Link";
import { addressOf, navigate, useLocation, type QueryPatch } from "../app/router";
import { formatDate } from "../format/dates";
import { DataTable, type Column } from "../parts/DataTable";
import { ErrorNotice } from "../parts/ErrorNotice";
import { Loading } from "../parts/Loading";
import { Notice } from "../parts/Notice";
import { useSpeech, type Speech } from "../texts/language";
import { PatientSearchBar } from "./PatientSearchBar";
import styles from "./patients.module.css";
import { readSearch, searchToKeep } from "./search_state";

const pathOf = (id: string) => `/patients/${encodeURIComponent(id)}`;

function columnsOf({ t, locale }: Speech, kept: QueryPatch): Column<PatientSummary>[] {
  return [
    {
      id: "patient",
      title: t("list.patient"),
      isRowHeader: true,
      cell: ({ person_id: id }) => (
        <Link to={pathOf(id)} query={kept} className="code" aria-label={t("list.open", { id })}>
          {id}
        </Link>
      ),
    },
    {
      id: "sex",
      title: t("list.sex"),
      cell: (row) => <span className="one-line">{t(`sex.${row.sex}`)}</span>,
    },
    {
      id: "age",
      title: t("list.age"),
      align: "right",
      cell: (row) => row.age_years ?? <span className="quiet">–</span>,
    },
    {
      id: "birth",
      title: t("list.birth"),
      isWide: true,
      cell: (row) => <span className="figures">{formatDate(row.birth_date, locale)}</span>,
    },
    {
      id: "death",
      title: t("list.death"),
      isWide: true,
      cell: (row) => <span className="figures">{formatDate(row.death_date, locale)}</span>,
    },
    {
      id: "stays",
      title: t("list.stays"),
      align: "right",
      isWide: true,
      cell: (row) => row.visit_count,
    },
    {
      id: "last",
      title: t("list.lastStay"),
      isWide: true,
      cell: (row) => <span className="figures">{formatDate(row.last_visit_start, locale)}</span>,
    },
    {
      id: "diagnosis",
      title: t("list.lastDiagnosis"),
      cell: ({ last_diagnosis: last }) =>
        last && (
          <>
            <span className="code">{last.code}</span> {last.label}
          </>
        ),
    },
  ];
}

function PatientTable({ found }: { found: PatientPage }) {
  const speech = useSpeech();
  const { t } = speech;
  const { search } = useLocation();
  const kept = useMemo(() => searchToKeep(search), [search]);
  const columns = useMemo(() => columnsOf(speech, kept), [speech, kept]);
  if (found.total === 0) {
    return <Notice tone="calm" title={t("list.empty")} hint={t("list.emptyHint")} />;
  }
  return (
    <div className={`sheet ${styles.table ?? ""}`}>
      <DataTable
        name=""
        caption={t("list.caption")}
        columns={columns}
        rows={found.patients}
        rowKey={(row) => row.person_id}
        onRow={(row) => {
          // A click that selects text, or that already follows the link, opens nothing more.
          if (window.getSelection()?.toString()) return;
          navigate(addressOf(pathOf(row.person_id), kept), "push");
          window.scrollTo(0, 0);
        }}
        pageRows={patientPageRows}
        serverTotal={found.total}
      />
    </div>
  );
}

/** The patients of the warehouse, searched and paged by the server. */
export function PatientsPage() {
  const { t } = useSpeech();
  const search = readSearch(useLocation().search);
  const query = useQuery(patientsQuery(search));
  return (
    <>
      <div className={styles.head}>
        <h1>{t("page.patients")}</h1>
        <p className="quiet figures" role="status">
          {query.isPlaceholderData && query.isFetching
            ? t("state.updating")
            : query.data && t("list.total", { n: query.data.total })}
        </p>
      </div>
      <PatientSearchBar search={search} />
      {query.isPending && <Loading label={t("state.loading")} rows={12} />}
      {query.isError && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      {!query.isError && query.data && <PatientTable found={query.data} />}
    </>
  );
}
