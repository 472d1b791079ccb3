// What a page's folder says of itself: which addresses it answers, its title, and what it shows.

import type { ReactNode } from "react";
import type { Speech } from "../texts/language";

export interface OpenPage {
  title: string;
  content: ReactNode;
}

export interface PageEntry {
  /** The page of these decoded parts of the path (["patients", "12"]), or null when not its own. */
  open: (parts: readonly string[], speech: Speech) => OpenPage | null;
}
