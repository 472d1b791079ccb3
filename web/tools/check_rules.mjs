// The rules of this folder that a machine can read: no `any`, no default export (configuration files
// aside), files within 600 lines of 100 columns, and no word on the screen outside the catalogue.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const lineMax = 600;
const columnMax = 100;

function filesUnder(folder) {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name);
    return statSync(join(root, path)).isDirectory() ? filesUnder(path) : [path];
  });
}

const rules = [
  [/:\s*any\b|\bas any\b|<any[,>]/, "any"],
  [/^export default/, "default export"],
  [/(?:aria-label|placeholder|title|label|alt)="[^"]*\p{L}{2}/u, "a word outside the catalogue"],
  [/^\s*[\p{Lu}][\p{L}’' ]{3,}[.!?]?\s*$/u, "a word outside the catalogue"],
  [/[^=]>\s*\p{L}{2,}[^<>(){}=;]*<\//u, "a word outside the catalogue"],
  [/\b(?:TODO|FIXME)\b|@ts-ignore|eslint-disable/, "unfinished work"],
];

const problems = [];
for (const path of [...filesUnder("src"), ...filesUnder("tests")].filter((p) => /\.(tsx?|mjs|css)$/.test(p))) {
  const isCode = /\.tsx?$/.test(path);
  const isScreen = path.endsWith(".tsx");
  const lines = readFileSync(join(root, path), "utf8").split("\n");
  if (lines.length > lineMax) problems.push(`${path}: ${lines.length} lines`);
  lines.forEach((line, index) => {
    const where = `${path}:${index + 1}`;
    if (isCode && line.length > columnMax) problems.push(`${where}: ${line.length} columns`);
    for (const [pattern, name] of rules) {
      if (name.includes("catalogue") ? isScreen && pattern.test(line) : isCode && pattern.test(line)) {
        problems.push(`${where}: ${name}`);
      }
    }
  });
}

const lock = readFileSync(join(root, "package-lock.json"), "utf8");
if (/"resolved": "http/.test(lock)) problems.push("package-lock.json names a registry host");

for (const problem of problems) console.error(problem);
console.log(`rules: ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);
