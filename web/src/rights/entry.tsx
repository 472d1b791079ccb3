import type { PageEntry } from "../app/page_entry";
import { RightsPage } from "./RightsPage";

/** /rights: what whoever is signed in may do, and why. */
export const rightsEntry: PageEntry = {
  open: (parts, { t }) =>
    parts.length === 1 && parts[0] === "rights"
      ? { title: t("rights.title"), content: <RightsPage /> }
      : null,
};
