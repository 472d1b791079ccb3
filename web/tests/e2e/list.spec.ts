import { expect, test } from "@playwright/test";
import { fr } from "../../src/texts/fr";
import { patientsOf } from "./data";
import { open, shoot } from "./steps";

test("the list is searched and cleared", async ({ page }) => {
  await open(page, "/");
  const table = page.getByRole("table", { name: fr.list.caption });
  await expect(table).toBeVisible();
  await expect(page.getByRole("columnheader", { name: fr.list.birth })).toBeVisible();
  await shoot(page, "list-fr");
  await page.getByLabel(fr.search.sex).selectOption("F");
  await expect(page).toHaveURL(/sex=F/);
  await expect(table.getByRole("cell", { name: fr.sex.M, exact: true })).toHaveCount(0);
  await page.getByRole("button", { name: fr.search.clear }).click();
  await expect(page).not.toHaveURL(/sex=/);
});

test("the list says how many patients the server counts", async ({ page, request }) => {
  const women = (await patientsOf(request)).filter(({ sex }) => sex === "F").length;
  await open(page, "/patients?sex=F");
  await expect(page.getByRole("status").getByText(`${women} patients`)).toBeVisible();
});

test("the second page and its search are there again when one comes back", async ({ page }) => {
  await open(page, "/patients?sex=M");
  await page.getByRole("button", { name: fr.table.next }).click();
  await expect(page).toHaveURL(/page=2/);
  await expect(page.getByText(/^51–/)).toBeVisible();
  await page.getByRole("table").getByRole("link").first().click();
  await expect(page).toHaveURL(/\/patients\/\d+\?list=/);
  await page.reload();
  await page.getByRole("link", { name: fr.page.backToList }).click();
  await expect(page).toHaveURL(/\/patients\?sex=M&page=2$/);
  await page.goBack();
  await page.goBack();
  await expect(page).toHaveURL(/\/patients\?sex=M&page=2$/);
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
  await shoot(page, "error-fr");
  await page.unroute("**/api/v1/patients?**");
  await alert.getByRole("button", { name: fr.state.retry }).click();
  await expect(page.getByRole("table")).toBeVisible();
});
