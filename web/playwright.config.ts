import { defineConfig } from "@playwright/test";
import { signedIn } from "./tests/e2e/account";

// Debian's Chromium drives the pages of a running `eds serve`, whose address is EDS_URL (tools/e2e.mjs
// makes a small synthetic hospital and starts it). Nothing is downloaded.
export default defineConfig({
  testDir: "tests/e2e",
  globalSetup: "./tests/e2e/sign_in_once.ts",
  outputDir: "test-results/runs",
  // The two cores of a small machine.
  workers: 2,
  fullyParallel: true,
  timeout: 60_000,
  expect: { timeout: 5_000 },
  reporter: [["list"]],
  use: {
    baseURL: process.env.EDS_URL,
    // Signed in, unless a test says otherwise.
    storageState: signedIn,
    actionTimeout: 5_000,
    // axe is injected as an inline script, which the real server's policy rightly refuses.
    bypassCSP: true,
    viewport: { width: 1440, height: 900 },
    locale: "fr-FR",
    timezoneId: "Europe/Paris",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--headless",
        // The browser's own language decides how its date fields look.
        "--lang=fr-FR",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
