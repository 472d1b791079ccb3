import { expect, test } from "@playwright/test";
import type { Identity } from "../../src/api/types";
import { fr } from "../../src/texts/fr";
import { pageHeaders } from "./account";
import { expectAxeClean } from "./axe";
import { findBusy } from "./data";
import { keyTo, open, shoot } from "./steps";

test("an identity is asked for with a reason, by keys, and left nowhere", async ({
  page,
  request,
}) => {
  const { person } = await findBusy(request);
  const path = `/patients/${person.person_id}`;
  const answer = await request.post(`/api/v1${path}/identity`, {
    data: { reason: "care" },
    headers: await pageHeaders(request),
  });
  const identity = (await answer.json()) as Identity;
  const name = identity.used_name ?? identity.birth_name ?? "";
  const ipp = identity.identifiers.find(({ kind }) => kind === "ipp")?.value ?? "";
  expect(name.length * ipp.length).toBeGreaterThan(0);

  await open(page, path);
  const main = page.locator("main");
  await expect(main).not.toContainText(ipp);
  await keyTo(page, page.getByRole("button", { name: fr.identity.ask }));
  await page.keyboard.press("Enter");
  const reason = page.getByLabel(fr.identity.reason, { exact: true });
  await expect(reason).toBeFocused();
  await expect(page.getByRole("button", { name: fr.identity.show, exact: true })).toBeDisabled();
  await expectAxeClean(page, "reason");
  await reason.selectOption({ label: fr.identity.reasons.care });
  await keyTo(page, page.getByRole("button", { name: fr.identity.show, exact: true }));
  await page.keyboard.press("Enter");

  const shown = page.getByRole("group", { name: fr.identity.title });
  await expect(shown).toBeFocused();
  await expect(shown).toContainText(name);
  await expect(shown).toContainText(ipp);
  await expectAxeClean(page, "identity");
  await shoot(page, "identity-fr");
  const left = await page.evaluate(() =>
    JSON.stringify([location.href, document.title, { ...localStorage }, { ...sessionStorage }]),
  );
  expect(left).not.toContain(ipp);
  expect(left).not.toContain(name);

  await page.getByRole("link", { name: fr.page.backToList }).click();
  await page.goBack();
  await expect(page.getByRole("button", { name: fr.identity.ask })).toBeVisible();
  await expect(main).not.toContainText(ipp);
});
