// Every page of the app, one folder each: a new page adds its folder and one line here.

import { patientEntry } from "../patient/entry";
import { patientsEntry } from "../patients/entry";
import { rightsEntry } from "../rights/entry";
import type { Speech } from "../texts/language";
import type { OpenPage, PageEntry } from "./page_entry";

const pages: readonly PageEntry[] = [patientsEntry, patientEntry, rightsEntry];

/** The decoded parts of a path, or null when one of them is badly encoded. */
export function partsOf(path: string): string[] | null {
  try {
    return path.split("/").filter((part) => part !== "").map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** The page this path means, or null when it means none. */
export function openPage(path: string, speech: Speech): OpenPage | null {
  const parts = partsOf(path);
  if (parts === null) return null;
  for (const page of pages) {
    const opened = page.open(parts, speech);
    if (opened !== null) return opened;
  }
  return null;
}
