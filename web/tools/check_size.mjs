// The first load (index.html and what it names) stays within 250 KiB gzip, and charts stay lazy.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const firstLoadKibMax = 250;

const kib = (name) => gzipSync(readFileSync(dist + name), { level: 9 }).length / 1024;
const html = readFileSync(`${dist}index.html`, "utf8");
const first = ["index.html", ...[...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((found) => found[1])];
const lazy = readdirSync(`${dist}assets`).map((name) => `assets/${name}`).filter((name) => !first.includes(name));

const total = first.reduce((sum, name) => sum + kib(name), 0);
for (const name of [...first, ...lazy]) {
  console.log(`${kib(name).toFixed(1).padStart(8)} KiB  ${lazy.includes(name) ? "lazy " : "first"}  ${name}`);
}
console.log(`${total.toFixed(1).padStart(8)} KiB  first load, limit ${firstLoadKibMax}`);
if (total > firstLoadKibMax) {
  console.error("the first load is over its limit");
  process.exit(1);
}
if (!lazy.some((name) => name.includes("LabChart"))) {
  console.error("the chart is no longer a lazy chunk");
  process.exit(1);
}
