// Every page, in every state one can come to by an address, in both languages and both lights.

import { expect, test, type Page } from "@playwright/test";
import { expectAxeClean } from "./axe";
import { findBusy, findEmpty } from "./data";
import { catalogues, marks, open, rowButton, shoot, type Lang } from "./steps";

async function atPage(page: Page, path: string, lang: Lang): Promise<void> {
  await open(page, `${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
  await expect(page.locator("html")).toHaveAttribute("lang", lang);
}

for (const lang of ["fr", "en"] as const) {
  const texts = catalogues[lang];

  test(`the list and what is no page are clean of axe's findings (${lang})`, async ({ page }) => {
    for (const path of ["/patients", "/patients?code=ZZZ", "/patients/4", "/nowhere"]) {
      await atPage(page, path, lang);
      await expectAxeClean(page, path);
    }
  });

  test(`a record is clean of axe's findings (${lang})`, async ({ page, request }) => {
    const { person } = await findBusy(request);
    const path = `/patients/${person.person_id}`;
    await atPage(page, path, lang);
    await marks(page).first().click();
    await expectAxeClean(page, "timeline");
    await shoot(page, `patient-${lang}`);
    await page.getByRole("tab", { name: texts.view.list }).click();
    await expectAxeClean(page, "chronology");
    await rowButton(page, texts.labs.title).click();
    await expect(page.locator(".uplot canvas")).toBeVisible();
    await expectAxeClean(page, "chart");
    await shoot(page, `chart-${lang}`);
    await page.getByText(texts.labs.table, { exact: true }).click();
    await rowButton(page, texts.reports.title).click();
    await expectAxeClean(page, "table and report");
  });

  test(`an empty record is clean of axe's findings (${lang})`, async ({ page, request }) => {
    const { person } = await findEmpty(request);
    await atPage(page, `/patients/${person.person_id}`, lang);
    await expectAxeClean(page);
  });
}

test("the zoomed timeline shows its units, clean of axe's findings", async ({ page, request }) => {
  const { person, visits } = await findBusy(request);
  const stay = visits.find(({ end, start, movements }) => end !== start && movements.length > 0);
  const from = Date.parse(stay?.start ?? "") / 60_000 - 1440;
  const to = Date.parse(stay?.end ?? "") / 60_000 + 2880;
  await open(page, `/patients/${person.person_id}?window=${from}~${to}`);
  await expect(page.locator('[data-kind="movement"]').first()).toBeVisible();
  await expectAxeClean(page);
});

test("in the dark the list and a record are clean of axe's findings", async ({
  page,
  request,
}) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await open(page, "/patients");
  await expectAxeClean(page, "list");
  const { person } = await findBusy(request);
  await open(page, `/patients/${person.person_id}`);
  await marks(page).first().click();
  await rowButton(page, catalogues.fr.labs.title).click();
  await expect(page.locator(".uplot canvas")).toBeVisible();
  await expectAxeClean(page, "record");
  await shoot(page, "patient-dark");
});

test("a narrow screen is clean of axe's findings", async ({ page, request }) => {
  await page.setViewportSize({ width: 390, height: 860 });
  const { person } = await findBusy(request);
  await open(page, `/patients/${person.person_id}`);
  await expectAxeClean(page);
});

test("the language switches everything, and is remembered; nothing moves unasked", async ({
  page,
}) => {
  await open(page, "/patients");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.goto("/patients");
  await expect(page.getByRole("table", { name: catalogues.en.list.caption })).toBeVisible();
  await shoot(page, "list-en");
  await page.emulateMedia({ reducedMotion: "reduce" });
  const moving = await page.evaluate(
    () => document.getAnimations().filter((motion) => motion.playState === "running").length,
  );
  expect(moving).toBe(0);
});
