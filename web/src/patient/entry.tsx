import type { PageEntry } from "../app/page_entry";
import { PatientPage } from "./PatientPage";

/** One patient: /patients/{id}. */
export const patientEntry: PageEntry = {
  open: ([first, id, ...more], { t }) =>
    first === "patients" && id !== undefined && more.length === 0
      ? { title: t("page.patient", { id }), content: <PatientPage key={id} id={id} /> }
      : null,
};
