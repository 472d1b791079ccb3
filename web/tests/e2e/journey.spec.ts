// The way of a clinician, from the list to a curve, on the mock or on the server of EDS_URL. The
// texts are those of the catalogues: a change of words does not break a test.

import { expect, test, type Page } from "@playwright/test";
import { en } from "../../src/texts/en";
import { fr } from "../../src/texts/fr";
import { expectAxeClean } from "./axe";

const isMock = process.env.EDS_URL === undefined;

async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `test-results/${name}.png`, fullPage: true });
}

async function openFirstPatient(page: Page, query = ""): Promise<void> {
  await page.goto(`/patients${query}`);
  await page.getByRole("table").getByRole("link").first().click();
  const { timeline } = query.includes("en") ? en.view : fr.view;
  await expect(page.getByRole("tab", { name: timeline })).toBeVisible();
}

const marks = (page: Page) => page.locator("[data-glyph]");

test("the list is searched, paged and opened from the keyboard", async ({ page }) => {
  await page.goto("/");
  const table = page.getByRole("table", { name: fr.list.caption });
  await expect(table).toBeVisible();
  await expect(page.getByRole("columnheader", { name: fr.list.birth })).toBeVisible();
  await expectAxeClean(page);
  await shoot(page, "list-fr");
  await page.getByLabel(fr.search.sex).selectOption("F");
  await expect(page).toHaveURL(/sex=F/);
  await expect(table.getByRole("cell", { name: fr.sex.M, exact: true })).toHaveCount(0);
  await page.getByRole("button", { name: fr.search.clear }).click();
  await expect(page).not.toHaveURL(/sex=/);
  const link = table.getByRole("link").first();
  await link.focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/patients\/-?\d+$/);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});

test("the second page of the list keeps the search when one comes back to it", async ({ page }) => {
  test.skip(!isMock, "needs a long list");
  await page.goto("/patients?sex=M");
  await page.getByRole("button", { name: fr.table.next }).click();
  await expect(page).toHaveURL(/page=2/);
  await expect(page.getByText("51–100")).toBeVisible();
  await page.getByRole("table").getByRole("link").first().click();
  await expect(page.getByRole("tab", { name: fr.view.timeline })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/sex=M&page=2/);
});

test("the timeline is walked, zoomed and read from the keyboard", async ({ page }) => {
  await openFirstPatient(page);
  await expect(marks(page).first()).toBeVisible();
  await expectAxeClean(page);
  await shoot(page, "patient-fr");
  await expect(page.locator('[data-glyph][tabindex="0"]')).toHaveCount(1);
  await page.locator('[data-glyph][tabindex="0"]').focus();
  const before = await page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  await page.keyboard.press("ArrowDown");
  const after = await page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  expect(after).not.toBe(before);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/item=/);
  await expect(page.locator('[data-glyph][aria-pressed="true"]')).toHaveCount(1);
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  await expect(page).toHaveURL(/window=/);
  await expect(page.locator("[data-glyph]:focus")).toHaveCount(1);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  await expect(page.locator("[data-glyph]:focus")).toHaveCount(1);
  await page.keyboard.press("0");
  await expect(page).not.toHaveURL(/window=/);
});

test("the timeline is zoomed by the wheel and moved by dragging", async ({ page }) => {
  await openFirstPatient(page);
  const box = await page.locator("svg[aria-describedby]").boundingBox();
  if (!box) throw new Error("the timeline has no place");
  const middle = { x: box.x + box.width * 0.6, y: box.y + 12 };
  await page.mouse.move(middle.x, middle.y);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -200);
  await page.keyboard.up("Control");
  await expect(page).toHaveURL(/window=/);
  const zoomed = page.url();
  await page.mouse.down();
  await page.mouse.move(middle.x - 160, middle.y, { steps: 5 });
  await page.mouse.up();
  await expect(page).not.toHaveURL(zoomed);
  await expect(page.getByText(/hors de la période visible/)).toBeVisible();
});

test("an item's detail names its file and position", async ({ page }) => {
  await openFirstPatient(page);
  const panel = page.getByRole("region", { name: fr.diagnoses.title, exact: true });
  await panel.getByRole("rowheader").getByRole("button").first().click();
  const detail = page.getByRole("complementary", { name: fr.detail.title });
  await expect(detail.getByText(/, position \d+/)).toBeVisible();
  await expect(detail.getByText(fr.source.format)).toBeVisible();
  await page.reload();
  await expect(detail.getByText(/, position \d+/)).toBeVisible();
});

test("a curve opens, and its table is one key away", async ({ page }) => {
  await openFirstPatient(page);
  const labs = page.getByRole("region", { name: fr.labs.title, exact: true });
  const open = labs.getByRole("rowheader").getByRole("button").first();
  await open.focus();
  await page.keyboard.press("Enter");
  await expect(page.locator(".uplot canvas")).toBeVisible();
  await expectAxeClean(page);
  await shoot(page, "chart-fr");
  await page.getByRole("button", { name: fr.labs.close }).focus();
  await page.keyboard.press("t");
  const name = new RegExp(fr.labs.tableCaption.split("{")[0] ?? "");
  await expect(page.getByRole("table", { name })).toBeVisible();
  await expect(page).toHaveURL(/labview=table/);
  await expectAxeClean(page);
});

test("the chronology lists everything, by pages that count it", async ({ page }) => {
  await openFirstPatient(page);
  await page.getByRole("tab", { name: fr.view.list }).click();
  const table = page.getByRole("table", { name: fr.chronology.caption });
  await expect(table).toBeVisible();
  if (isMock) await expect(page.getByText(/1–50 sur \d/)).toBeVisible();
  await expectAxeClean(page);
  await shoot(page, "chronology-fr");
});

test("filters narrow every panel, and stay in the address", async ({ page }) => {
  await openFirstPatient(page);
  await page.getByRole("checkbox", { name: new RegExp(fr.lane.lab) }).uncheck();
  await expect(page.getByRole("region", { name: fr.labs.title, exact: true })).toHaveCount(0);
  await page.getByRole("searchbox", { name: fr.filter.text }).fill("zzzz");
  await expect(page.getByText(fr.filter.empty)).toBeVisible();
  await expect(page).toHaveURL(/q=zzzz/);
  await page.getByRole("button", { name: fr.filter.clear }).click();
  await expect(marks(page).first()).toBeVisible();
  await expect(page).not.toHaveURL(/q=|show=/);
});

test("the language switches everything, and is remembered", async ({ page }) => {
  await openFirstPatient(page);
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.getByRole("tab", { name: en.view.timeline })).toBeVisible();
  await expectAxeClean(page);
  await shoot(page, "patient-en");
  await page.emulateMedia({ reducedMotion: "reduce" });
  const moving = await page.evaluate(
    () => document.getAnimations().filter((motion) => motion.playState === "running").length,
  );
  expect(moving).toBe(0);
  await page.goto("/patients");
  await expect(page.getByRole("table", { name: en.list.caption })).toBeVisible();
  await shoot(page, "list-en");
});

test("a report is read in full", async ({ page }) => {
  test.skip(!isMock, "needs a patient with reports");
  await openFirstPatient(page, "?lang=en");
  const panel = page.getByRole("region", { name: en.reports.title, exact: true });
  await panel.getByRole("rowheader").getByRole("button").first().click();
  await expect(panel.getByRole("article")).toBeVisible();
  await expectAxeClean(page);
  await shoot(page, "report-en");
});

test("a failure says what, where and what to do, and can be tried again", async ({ page }) => {
  await page.route("**/api/v1/patients?**", (route) =>
    route.fulfill({ status: 500, json: { error: { code: "internal", message: "disk full" } } }),
  );
  await page.goto("/patients");
  const alert = page.getByRole("alert");
  await expect(alert).toContainText(fr.error.server);
  await expect(alert).toContainText("/api/v1/patients?limit=50");
  await expect(alert).toContainText("disk full");
  await expectAxeClean(page);
  await shoot(page, "error-fr");
  await page.unroute("**/api/v1/patients?**");
  await alert.getByRole("button", { name: fr.state.retry }).click();
  await expect(page.getByRole("table")).toBeVisible();
});

test("a record that is not the one asked for is refused", async ({ page }) => {
  test.skip(!isMock, "the answer is forged");
  await page.route("**/api/v1/patients/1", async (route) => {
    const { origin } = new URL(page.url());
    const response = await route.fetch({ url: `${origin}/api/v1/patients/9007199254740993` });
    await route.fulfill({ response });
  });
  await page.goto("/patients");
  await page.goto("/patients/1");
  await expect(page.getByRole("alert")).toContainText(fr.error.badAnswer);
});

test("an unknown patient and an unknown page say so", async ({ page }) => {
  await page.goto("/patients/4");
  await expect(page.getByRole("alert")).toContainText(fr.error.notFound);
  await page.goto("/nowhere");
  await expect(page.getByText(fr.page.notFound)).toBeVisible();
  await expectAxeClean(page);
});

test("a patient without any data is shown as such", async ({ page }) => {
  test.skip(!isMock, "needs an empty record");
  await page.goto("/patients/9007199254740994");
  await expect(page.getByText(fr.timeline.empty)).toBeVisible();
  await expect(page.getByText(fr.labs.empty)).toBeVisible();
  await expectAxeClean(page);
  await shoot(page, "empty-fr");
});

test("a narrow window keeps everything within reach", async ({ page }) => {
  await page.setViewportSize({ width: 420, height: 860 });
  await openFirstPatient(page);
  await expect(marks(page).first()).toBeVisible();
  const overflow = await page.evaluate(() => document.body.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  await expectAxeClean(page);
  await shoot(page, "narrow-fr");
});
