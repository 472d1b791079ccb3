import { expect, type Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { createRequire } from "node:module";

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

declare global {
  interface Window {
    axe: { run: () => Promise<AxeResults> };
  }
}

/** The page as it stands breaks no rule of axe; a failure names the rules and the places. */
export async function expectAxeClean(page: Page): Promise<void> {
  await page.addScriptTag({ path: axePath });
  const results = await page.evaluate(() => window.axe.run());
  const found = results.violations.map(({ id, help, nodes }) => {
    const places = nodes.slice(0, 4).map((node) => node.html);
    return [`${id}: ${help}`, ...places].join("\n  ");
  });
  expect(found, found.join("\n")).toEqual([]);
}
