// What is kept in the repository is what the sources make: the page that the program embeds, and the page's types.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { corridor, root, work } from "./setup.mjs";

const ui = join(root, "ui");

test("the kept page is byte for byte what the sources build to", () => {
  const built = join(work, "dist");
  execFileSync("npx", ["vite", "build", "--logLevel", "error", "--outDir", built, "--emptyOutDir"], { cwd: ui, stdio: ["ignore", "ignore", "inherit"] });
  const [kept, fresh] = [readFileSync(join(root, "crates/app/page/report.html")), readFileSync(join(built, "index.html"))];
  assert.ok(kept.equals(fresh), "crates/app/page/report.html is not what ui/ builds to: run `make page` and commit it");
});

test("the page's types are those of the schema that the program prints", () => {
  const schema = execFileSync(corridor, ["schema", "report"]);
  const made = join(work, "report.ts");
  execFileSync("node", ["scripts/types.mjs", "-", made], { cwd: ui, input: schema });
  const [fresh, kept] = [made, join(ui, "src/generated/report.ts")].map((file) => readFileSync(file, "utf8"));
  assert.ok(fresh === kept, "src/generated/report.ts is not what the schema makes: run `make page` and commit it");
});

test("the lock file names exact versions and no host to fetch from", () => {
  const lock = JSON.parse(readFileSync(join(ui, "package-lock.json"), "utf8"));
  const packages = Object.entries(lock.packages).filter(([name]) => name !== "");
  assert.ok(packages.length > 50);
  for (const [name, entry] of packages) {
    assert.ok(entry.integrity, `${name} has no checksum`);
    assert.equal(entry.resolved, undefined, name);
  }
  const named = JSON.parse(readFileSync(join(ui, "package.json"), "utf8")).devDependencies;
  for (const [name, version] of Object.entries(named)) assert.match(version, /^\d+\.\d+\.\d+$/, name);
});
