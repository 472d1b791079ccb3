import { expect, type Page } from "@playwright/test";
import type { AxeResults, RunOptions } from "axe-core";
import { createRequire } from "node:module";

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

declare global {
  interface Window {
    axe: { run: (options: RunOptions) => Promise<AxeResults> };
  }
}

// Off in axe by itself, but a voice user says the words on the screen to reach what they name.
const rules = { "label-content-name-mismatch": { enabled: true } };

/** The page as it stands breaks no rule of axe, minor ones included; a failure names the places. */
export async function expectAxeClean(page: Page, where = ""): Promise<void> {
  const isThere = await page.evaluate(() => "axe" in window);
  if (!isThere) await page.addScriptTag({ path: axePath });
  const results = await page.evaluate((options) => window.axe.run(options), { rules });
  const found = results.violations.map(({ id, help, impact, nodes }) => {
    const places = nodes.slice(0, 4).map((node) => node.html);
    return [`${where} ${id} (${impact}): ${help}`, ...places].join("\n  ");
  });
  expect(found, found.join("\n")).toEqual([]);
}
