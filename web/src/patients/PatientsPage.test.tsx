// @vitest-environment jsdom
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { PatientPage } from "../api/types";
import { answerWith, show } from "../test_page";
import { PatientsPage } from "./PatientsPage";

const found: PatientPage = {
  total: 1234,
  patients: [
    {
      // Past 2^53: a number would change its last digit.
      person_id: "9007199254740993",
      sex: "F",
      birth_date: "1961-04-02",
      age_years: 64,
      death_date: null,
      visit_count: 3,
      last_visit_start: "2025-03-04",
      last_diagnosis: { code: "I210", label: null },
    },
    {
      person_id: "4",
      sex: "U",
      birth_date: null,
      age_years: null,
      death_date: null,
      visit_count: 0,
      last_visit_start: null,
      last_diagnosis: null,
    },
  ],
};

test("a patient's row is in the reader's words, and its id is whole", async () => {
  answerWith({ "/api/v1/patients?": found });
  show(<PatientsPage />, "/patients");
  const link = await screen.findByRole("link", { name: /9007199254740993/ });
  const row = within(link.closest("tr")!);
  for (const words of ["Femme", "64", "02/04/1961", "04/03/2025", "I210"]) {
    expect(row.getByText(words)).toBeDefined();
  }
  expect(screen.getByRole("status").textContent).toBe("1\u202f234 patients");
  expect(screen.getByText("Sexe non renseigné", { selector: "td *" })).toBeDefined();
});

test("the search goes to the server and on to the patient's address", async () => {
  const fetched = answerWith({ "/api/v1/patients?": found });
  show(<PatientsPage />, "/patients?sex=F&code=I21&page=2");
  const link = await screen.findByRole("link", { name: /9007199254740993/ });
  const asked = new URL(String(fetched.mock.calls[0]?.[0]), "http://here").searchParams;
  expect(Object.fromEntries(asked)).toEqual({ limit: "50", offset: "50", sex: "F", code: "I21" });
  const kept = new URL(link.getAttribute("href") ?? "", "http://here").searchParams.get("list");
  expect(kept).toBe("sex=F&code=I21&page=2");
});

test("nobody found says what to change", async () => {
  answerWith({ "/api/v1/patients?": { total: 0, patients: [] } });
  show(<PatientsPage />, "/patients?code=ZZZ");
  expect(await screen.findByText("Aucun patient ne correspond à ces critères.")).toBeDefined();
});

test("a failure says where, and can be tried again", async () => {
  const fetched = answerWith({});
  show(<PatientsPage />, "/patients");
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("/api/v1/patients?limit=50");
  await userEvent.click(within(alert).getByRole("button", { name: "Réessayer" }));
  expect(fetched.mock.calls.length).toBe(2);
});
