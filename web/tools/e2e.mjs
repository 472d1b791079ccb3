// npm run e2e: a small synthetic hospital, the real `eds serve` over it, and the browser tests.
//
// EDS_URL names a server that already runs; EDS_BUILD the folder of the program (build/release).
// Arguments go on to Playwright.

import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = join(process.env.EDS_BUILD ?? join(root, "build/release"), "eds");
const place = process.env.EDS_DEMO ?? join(root, "build/e2e");
const patients = "300";

function makeHospital() {
  const env = { ...process.env, EDS_DEMO: place, EDS_PROGRAM: program };
  const args = [join(root, "tools/demo.sh"), "--patients", patients, "--no-serve"];
  const made = spawnSync("bash", args, { env, encoding: "utf8" });
  if (made.status !== 0) {
    console.error(made.stdout + made.stderr);
    process.exit(made.status ?? 1);
  }
}

/** Starts the server on a free port; answers its process and the address it prints. */
function startServer() {
  const args = ["--warehouse", join(place, "warehouse"), "serve", "--port", "0", "--identity"];
  const server = spawn(program, args, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    let said = "";
    server.stdout.on("data", (bytes) => {
      said += bytes;
      const found = /http:\/\/[0-9.:]+/.exec(said);
      if (found && said.includes("\n")) resolve([server, found[0]]);
    });
    server.on("exit", (code) => reject(new Error(`eds serve ended with ${code}: ${said}`)));
  });
}

function runTests(url) {
  const tests = spawn("npx", ["playwright", "test", ...process.argv.slice(2)], {
    cwd: join(root, "web"),
    stdio: "inherit",
    env: { ...process.env, EDS_URL: url },
  });
  return new Promise((resolve) => tests.on("exit", (code) => resolve(code ?? 1)));
}

if (process.env.EDS_URL) {
  process.exitCode = await runTests(process.env.EDS_URL);
} else {
  makeHospital();
  const [server, url] = await startServer();
  try {
    process.exitCode = await runTests(url);
  } finally {
    server.removeAllListeners("exit");
    server.kill();
  }
}
