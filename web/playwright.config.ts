import { defineConfig } from "@playwright/test";

const mockUrl = "http://127.0.0.1:8472";

// Debian's Chromium drives the built app: nothing is downloaded. With EDS_URL set the same tests run
// against a real server; without it the mock serves web/dist and invented patients.
export default defineConfig({
  testDir: "tests/e2e",
  outputDir: "test-results/runs",
  workers: 1,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  reporter: [["list"]],
  use: {
    baseURL: process.env.EDS_URL ?? mockUrl,
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
  webServer: process.env.EDS_URL
    ? undefined
    : { command: "node tests/mock/server.mjs --port 8472", url: `${mockUrl}/api/v1/session` },
});
