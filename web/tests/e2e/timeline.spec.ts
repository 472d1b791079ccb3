import { expect, test, type Page } from "@playwright/test";
import { findBusy } from "./data";
import { marks, open, shoot } from "./steps";

const focused = (page: Page) => page.locator("[data-glyph]:focus");
const focusedLabel = (page: Page) => focused(page).getAttribute("aria-label");

test("the timeline is walked, zoomed and read from the keyboard", async ({ page, request }) => {
  const { person } = await findBusy(request);
  await open(page, `/patients/${person.person_id}`);
  await shoot(page, "patient-fr");
  await expect(page.locator('[data-glyph][tabindex="0"]')).toHaveCount(1);
  await page.locator('[data-glyph][tabindex="0"]').focus();
  const before = await focusedLabel(page);
  await page.keyboard.press("ArrowDown");
  expect(await focusedLabel(page)).not.toBe(before);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/item=/);
  await expect(page.locator('[data-glyph][aria-pressed="true"]')).toHaveCount(1);
  for (let turn = 0; turn < 6; turn += 1) {
    await page.keyboard.press("+");
    await expect(focused(page)).toHaveCount(1);
  }
  await expect(page).toHaveURL(/window=/);
  await page.keyboard.press("ArrowRight");
  await expect(focused(page)).toHaveCount(1);
  await page.keyboard.press("ArrowLeft");
  await expect(focused(page)).toHaveCount(1);
  await page.keyboard.press("0");
  await expect(page).not.toHaveURL(/window=/);
});

test("a window without any item still answers its keys", async ({ page, request }) => {
  const { person } = await findBusy(request);
  // Some minutes of 1900, as the address writes them.
  await open(page, `/patients/${person.person_id}?window=-36800000~-36790000`);
  await expect(marks(page)).toHaveCount(0);
  await page.locator("svg[aria-describedby]").focus();
  await page.keyboard.press("0");
  await expect(marks(page).first()).toBeVisible();
});

test("the timeline is zoomed by the wheel and moved by dragging", async ({ page, request }) => {
  const { person } = await findBusy(request);
  await open(page, `/patients/${person.person_id}`);
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
