// What the tests do again and again. Words are those of the catalogues: changing one breaks none.

import { expect, type Locator, type Page } from "@playwright/test";
import { en } from "../../src/texts/en";
import { fr } from "../../src/texts/fr";

export const catalogues = { fr, en } as const;
export type Lang = keyof typeof catalogues;

export async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `test-results/${name}.png`, fullPage: true });
}

/** Opens a page and waits until its title stands and nothing is loading. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByText(/^(Chargement|Lecture|Loading|Reading)/)).toHaveCount(0);
}

export const marks = (page: Page) => page.locator("[data-glyph]");

export function panel(page: Page, name: string): Locator {
  return page.getByRole("region", { name, exact: true });
}

/** What opens the first row of a panel. */
export function rowButton(page: Page, name: string): Locator {
  return panel(page, name).getByRole("rowheader").getByRole("button").first();
}

/** Presses a key until the element has the focus: what a person without a mouse does. */
export async function keyTo(page: Page, target: Locator, key: "Tab" | "Shift+Tab" = "Tab") {
  for (let presses = 0; presses < 150; presses += 1) {
    if (await target.evaluate((node) => node === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} never reaches ${target}`);
}
