// npm run e2e: a small synthetic hospital, the real `eds serve` over it, and the browser tests.
//
// EDS_URL names a server that already runs, EDS_USER and EDS_PASSWORD an account of it; EDS_BUILD the folder of the program (build/release).
// Arguments go on to Playwright.

import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
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

/** Runs one command of the program on the hospital. */
function eds(args, input = "") {
  const whole = ["--warehouse", join(place, "warehouse"), ...args];
  const done = spawnSync(program, whole, { input, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`eds ${args.join(" ")}: ${done.stderr}`);
}

/** An account that cares for every patient: what the pages are tested with. */
function makeAccount() {
  const password = randomBytes(18).toString("base64");
  eds(["user", "add", "essai"]);
  eds(["user", "password", "essai"], `${password}\n`);
  eds(["access", "grant", "essai", "clinician", "*"]);
  return { EDS_USER: "essai", EDS_PASSWORD: password };
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

function runTests(url, account = {}) {
  const tests = spawn("npx", ["playwright", "test", ...process.argv.slice(2)], {
    cwd: join(root, "web"),
    stdio: "inherit",
    env: { ...process.env, EDS_URL: url, ...account },
  });
  return new Promise((resolve) => tests.on("exit", (code) => resolve(code ?? 1)));
}

if (process.env.EDS_URL) {
  process.exitCode = await runTests(process.env.EDS_URL);
} else {
  makeHospital();
  const account = makeAccount();
  const [server, url] = await startServer();
  try {
    process.exitCode = await runTests(url, account);
  } finally {
    server.removeAllListeners("exit");
    server.kill();
  }
}
