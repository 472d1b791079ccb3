// The whole way of somebody without a mouse: nothing here clicks or focuses, only keys are pressed.

import { expect, test } from "@playwright/test";
import { fr } from "../../src/texts/fr";
import { findBusy } from "./data";
import { keyTo, panel, rowButton } from "./steps";

test("search, open, filter, read a curve and its table, and come back, by keys alone", async ({
  page,
  request,
}) => {
  const { conditions } = await findBusy(request);
  const code = conditions[0]?.code.slice(0, 3) ?? "";
  await page.goto("/patients");
  await expect(page.getByRole("table")).toBeVisible();
  await keyTo(page, page.getByLabel(fr.search.code));
  await page.keyboard.type(code);
  await expect(page).toHaveURL(new RegExp(`code=${code}$`));
  await expect(page.getByText(fr.state.updating)).toHaveCount(0);
  await keyTo(page, page.getByRole("table").getByRole("link").first());
  await page.keyboard.press("Enter");

  const acts = page.getByRole("checkbox", { name: new RegExp(fr.lane.act) });
  await expect(acts).toBeVisible();
  await keyTo(page, acts);
  await page.keyboard.press("Space");
  await expect(panel(page, fr.acts.title)).toHaveCount(0);
  await page.keyboard.press("Space");
  await expect(page).not.toHaveURL(/show=/);
  await keyTo(page, page.getByRole("tab", { name: fr.view.timeline }));
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("table", { name: fr.chronology.caption })).toBeVisible();
  await page.keyboard.press("ArrowLeft");
  await expect(page.locator("[data-glyph]").first()).toBeVisible();

  const analyte = rowButton(page, fr.labs.title);
  await keyTo(page, analyte);
  await page.keyboard.press("Enter");
  await expect(page.locator(".uplot canvas")).toBeVisible();
  await page.keyboard.press("Tab");
  await page.keyboard.press("t");
  const name = new RegExp(fr.labs.tableCaption.split("{")[0] ?? "");
  await expect(page.getByRole("table", { name })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(analyte).toBeFocused();

  await keyTo(page, page.getByRole("link", { name: fr.page.backToList }), "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/patients\\?code=${code}$`));
  await expect(page.getByLabel(fr.search.code)).toHaveValue(code);
  await expect(page.getByRole("table", { name: fr.list.caption })).toBeVisible();
});
