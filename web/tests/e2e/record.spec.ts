import { expect, test } from "@playwright/test";
import { fr } from "../../src/texts/fr";
import { findBusy, findEmpty, findRecord, patientsOf } from "./data";
import { marks, open, panel, rowButton, shoot } from "./steps";

test("an item's detail names its file and line, also after a reload", async ({ page, request }) => {
  const record = await findBusy(request);
  await open(page, `/patients/${record.person.person_id}`);
  await rowButton(page, fr.diagnoses.title).click();
  const detail = page.getByRole("complementary", { name: fr.detail.title });
  const files = record.conditions.map(({ source }) => source?.file ?? "");
  await expect(detail.getByText(fr.source.format)).toBeVisible();
  const named = await detail.getByText(/, ligne \d+/).textContent();
  expect(files).toContain(named?.split(",")[0]);
  await page.reload();
  await expect(detail.getByText(named ?? "")).toBeVisible();
});

test("the chronology lists everything, by pages that count it", async ({ page, request }) => {
  const { person } = await findBusy(request);
  await open(page, `/patients/${person.person_id}`);
  await page.getByRole("tab", { name: fr.view.list }).click();
  await expect(page.getByRole("table", { name: fr.chronology.caption })).toBeVisible();
  const shown = page.getByRole("status").filter({ hasText: /éléments sur/ });
  const total = /sur (.+)$/.exec((await shown.textContent()) ?? "")?.[1] ?? "?";
  await expect(page.getByText(`1–50 sur ${total}`)).toBeVisible();
});

test("filters narrow every panel, and stay in the address", async ({ page, request }) => {
  const { person } = await findBusy(request);
  await open(page, `/patients/${person.person_id}`);
  await page.getByRole("checkbox", { name: new RegExp(fr.lane.lab) }).uncheck();
  await expect(panel(page, fr.labs.title)).toHaveCount(0);
  await page.getByRole("searchbox", { name: fr.filter.text }).fill("zzzz");
  await expect(page.getByText(fr.filter.empty)).toBeVisible();
  await expect(page).toHaveURL(/q=zzzz/);
  await page.getByRole("button", { name: fr.filter.clear }).click();
  await expect(marks(page).first()).toBeVisible();
  await expect(page).not.toHaveURL(/q=|show=/);
});

test("a report is read in full", async ({ page, request }) => {
  const record = await findRecord(request, "a report", ({ notes }) => notes.length > 0);
  await open(page, `/patients/${record.person.person_id}`);
  const reports = panel(page, fr.reports.title);
  await rowButton(page, fr.reports.title).click();
  const text = (await reports.getByRole("article").textContent()) ?? "";
  const plain = (words: string) => words.replace(/\s+/g, "");
  const texts = record.notes.map((note) => plain(note.text));
  expect(texts.some((whole) => plain(text).endsWith(whole))).toBe(true);
  await shoot(page, "report-fr");
});

test("a drug is named by its label beside its code", async ({ page, request }) => {
  const record = await findRecord(request, "a drug with a label", ({ drugs }) =>
    drugs.some(({ label }) => label !== null),
  );
  const drug = record.drugs.find(({ label }) => label !== null);
  await open(page, `/patients/${record.person.person_id}`);
  const row = panel(page, fr.drugs.title).getByRole("row").filter({ hasText: drug?.code ?? "?" });
  await expect(row.first()).toContainText(drug?.label ?? "?");
});

test("a patient without any data is shown as such", async ({ page, request }) => {
  const { person } = await findEmpty(request);
  await open(page, `/patients/${person.person_id}`);
  await expect(page.getByText(fr.view.empty)).toBeVisible();
  await shoot(page, "empty-fr");
});

test("a record that is not the one asked for is refused", async ({ page, request, baseURL }) => {
  const [one, other] = await patientsOf(request);
  const [asked, given] = [one?.person_id ?? "", other?.person_id ?? ""];
  await page.route(`**/api/v1/patients/${asked}`, async (route) => {
    const url = `${baseURL}/api/v1/patients/${given}`;
    await route.fulfill({ response: await route.fetch({ url }) });
  });
  await page.goto(`/patients/${asked}`);
  await expect(page.getByRole("alert")).toContainText(fr.error.badAnswer);
  await expect(page.getByText(given)).toHaveCount(0);
});

test("an unknown patient and an unknown page say so", async ({ page }) => {
  await page.goto("/patients/4");
  await expect(page.getByRole("alert")).toContainText(fr.error.notFound);
  await page.goto("/nowhere");
  await expect(page.getByText(fr.page.notFound)).toBeVisible();
});

test("a narrow window keeps everything within reach", async ({ page, request }) => {
  await page.setViewportSize({ width: 390, height: 860 });
  const { person } = await findBusy(request);
  await open(page, `/patients/${person.person_id}`);
  await expect(marks(page).first()).toBeVisible();
  const overflow = await page.evaluate(() => document.body.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  for (const table of await page.getByRole("table").all()) {
    const hidden = await table.evaluate((node) => {
      const frame = node.parentElement as HTMLElement;
      return frame.scrollWidth - frame.clientWidth;
    });
    expect(hidden, await table.innerText()).toBeLessThanOrEqual(0);
  }
  await shoot(page, "narrow-fr");
});
