import type { PageEntry } from "../app/page_entry";
import { PatientsPage } from "./PatientsPage";

/** The list: the root of the app, and /patients. */
export const patientsEntry: PageEntry = {
  open: (parts, { t }) =>
    parts.length === 0 || (parts.length === 1 && parts[0] === "patients")
      ? { title: t("page.patients"), content: <PatientsPage /> }
      : null,
};
