// A stand-in for `eds serve`: the built app of web/dist and the API of docs/reference/api.md over
// invented patients. For development and tests only; it listens on this machine alone.
//
//   node tests/mock/server.mjs [--port 8471]

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { firstId, patientCount, recordOf, sources, summaryOf } from "./data.mjs";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
const portFlag = process.argv.indexOf("--port");
const port = portFlag < 0 ? 8471 : Number(process.argv[portFlag + 1]);

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

const session = {
  version: "0.1.0",
  warehouse: "demo",
  synthetic: true,
  release: { id: 12, name: "r12", created_at: "2025-11-15T07:42:00" },
  user: { name: "owner" },
};

let summaries = null;

function listPatients(query) {
  summaries ??= Array.from({ length: patientCount }, (_, index) => summaryOf(index + 1));
  const number = (name, fallback) => (query.has(name) ? Number(query.get(name)) : fallback);
  const limit = number("limit", 50);
  const offset = number("offset", 0);
  if (!(limit >= 1 && limit <= 500) || !(offset >= 0)) {
    return fail(400, "malformed", "limit must be 1 to 500 and offset 0 or more");
  }
  const code = (query.get("code") ?? "").replace(".", "").toUpperCase();
  const found = summaries.filter(
    (patient) =>
      (!query.has("sex") || patient.sex === query.get("sex")) &&
      patient.age_years >= number("age_min", 0) &&
      patient.age_years <= number("age_max", 999) &&
      (code === "" || patient.codes.some((own) => own.startsWith(code))),
  );
  const patients = found.slice(offset, offset + limit).map(({ codes: _, ...patient }) => patient);
  return { status: 200, body: { total: found.length, patients } };
}

function fail(status, code, message) {
  return { status, body: { error: { code, message } } };
}

function onePatient(id) {
  const number = /^\d{1,19}$/.test(id) ? Number(BigInt(id) - firstId) + 1 : 0;
  if (number < 1 || number > patientCount) return fail(404, "not-found", "no such patient");
  return { status: 200, body: recordOf(number) };
}

function answer(path, query) {
  if (path === "/api/v1/session") return { status: 200, body: session };
  if (path === "/api/v1/patients") return listPatients(query);
  const patient = /^\/api\/v1\/patients\/([^/]+)$/.exec(path);
  if (patient) return onePatient(patient[1]);
  const source = /^\/api\/v1\/sources\/(\d+)$/.exec(path);
  const file = source && sources.find(({ source_id }) => source_id === Number(source[1]));
  return file ? { status: 200, body: file } : fail(404, "not-found", "no such resource");
}

async function fileAt(path) {
  const wanted = normalize(path).replace(/^(\.\.[/\\])+/, "");
  try {
    return { type: types[extname(wanted)] ?? "application/octet-stream", bytes: await readFile(join(dist, wanted)) };
  } catch {
    return extname(wanted) === "" ? { type: types[".html"], bytes: await readFile(join(dist, "index.html")) } : null;
  }
}

createServer(async (request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (url.pathname.startsWith("/api/")) {
    const { status, body } = answer(url.pathname, url.searchParams);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
    return;
  }
  const file = await fileAt(url.pathname === "/" ? "/index.html" : url.pathname).catch(() => null);
  response.writeHead(file ? 200 : 404, { "content-type": file?.type ?? "text/plain" });
  response.end(file?.bytes ?? "not found");
}).listen(port, "127.0.0.1", () => {
  process.stdout.write(`mock of eds: port ${port}\n`);
});
