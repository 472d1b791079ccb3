// The account that the tests sign in with, and what a page of it sends.

import type { APIRequestContext } from "@playwright/test";
import type { Me } from "../../src/api/types";

/** Where the cookie of the one sign-in of a run is kept. */
export const signedIn = "test-results/signed_in.json";

export const account = {
  name: process.env.EDS_USER ?? "",
  password: process.env.EDS_PASSWORD ?? "",
};

/** What goes with a change, so that the server knows that its own page asks. */
export async function pageHeaders(request: APIRequestContext): Promise<Record<string, string>> {
  const me = (await (await request.get("/api/v1/me")).json()) as Me;
  return { "EDS-CSRF": me.session?.csrf ?? "" };
}
