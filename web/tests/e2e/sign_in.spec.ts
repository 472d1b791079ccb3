import { expect, test } from "@playwright/test";
import { account } from "./account";
import { expectAxeClean } from "./axe";
import { catalogues, keyTo, shoot } from "./steps";

const { fr, en } = catalogues;

test.describe("without a session", () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test("every address shows the way in alone, in both languages, clean of axe's findings", async ({
    page,
  }) => {
    for (const path of ["/", "/patients/1", "/rights"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { name: fr.signIn.title, level: 1 })).toBeVisible();
      await expect(page.getByRole("table")).toHaveCount(0);
    }
    await expectAxeClean(page, "sign-in");
    await shoot(page, "sign-in-fr");
    await page.getByRole("button", { name: "English" }).click();
    await expect(page.getByRole("button", { name: en.signIn.enter })).toBeVisible();
    await expectAxeClean(page, "sign-in in English");
    await page.emulateMedia({ colorScheme: "dark" });
    await expectAxeClean(page, "sign-in in the dark");
    await shoot(page, "sign-in-dark");
  });

  test("one signs in, sees one's rights and signs out, by keys", async ({ page }) => {
    await page.goto("/patients");
    await expect(page.getByLabel(fr.signIn.name)).toBeFocused();
    await page.keyboard.type(account.name);
    await page.keyboard.press("Tab");
    await page.keyboard.type("a wrong password of mine");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("alert")).toHaveText(fr.signIn.wrong);
    await expectAxeClean(page, "a refused sign-in");
    await keyTo(page, page.getByLabel(fr.signIn.password));
    await page.keyboard.type(account.password);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("table", { name: fr.list.caption })).toBeVisible();
    const cookies = await page.context().cookies();
    expect(cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).toEqual([
      { httpOnly: true, sameSite: "Strict" },
    ]);
    expect(await page.evaluate(() => document.cookie)).toBe("");

    await keyTo(page, page.getByRole("link", { name: account.name }));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: fr.rights.title })).toBeVisible();
    await expect(page.getByText("[A00]").first()).toBeVisible();
    const state = page.getByRole("cell", { name: fr.rights.states.active, exact: true });
    await expect(state).toBeVisible();
    await expectAxeClean(page, "my rights");
    await shoot(page, "rights-fr");

    await keyTo(page, page.getByRole("button", { name: fr.account.signOut }), "Shift+Tab");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: fr.signIn.title })).toBeVisible();
    await page.goBack();
    await expect(page.getByRole("heading", { name: fr.signIn.title })).toBeVisible();
  });
});
