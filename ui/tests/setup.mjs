// What the tests of the page share: plans to look at, a browser, and what verify says.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export { launch, open } from "./browser.mjs";

export const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));
export const corridor = resolve(process.env.CORRIDOR ?? join(root, "target/release/corridor"));
export const artefacts = join(root, "ui/artefacts");
export const work = mkdtempSync(join(tmpdir(), "corridor-page-"));
mkdirSync(artefacts, { recursive: true });

/** Plans a case; gives back the folder of what was written. */
export function plan(name, folder, ...options) {
  const out = join(work, name);
  execFileSync(corridor, ["plan", join(root, folder), "--quiet", "--out", out, ...options], { stdio: ["ignore", "ignore", "inherit"] });
  return { folder: join(root, folder), out, report: join(out, "report.html") };
}

let commands = 0;

/** Runs another command on a case; a list among the options stands for arguments that follow the case. */
export function command(name, folder, ...options) {
  const out = join(work, `${name}-${(commands += 1)}`);
  execFileSync(corridor, [name, join(root, folder), ...options.flat(), "--quiet", "--out", out], { stdio: ["ignore", "ignore", "inherit"] });
  return { folder: join(root, folder), out, report: join(out, "report.html") };
}

/** What `corridor verify` recomputes of a plan. */
export function verified(planned, within = "plan.json") {
  return JSON.parse(execFileSync(corridor, ["verify", planned.folder, join(planned.out, within), "--json"], { maxBuffer: 1 << 28 })).recomputed;
}

/** Rows of a CSV file as objects. Enough for what the program writes: quoted cells without line ends. */
export function csv(file) {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const cells = (line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((match) => match[1].replace(/^"|"$/g, "").replaceAll('""', '"'));
  const header = cells(lines[0]);
  return lines.slice(1).map((line) => Object.fromEntries(cells(line).slice(0, header.length).map((cell, at) => [header[at], cell])));
}

/** Sets the clock by hand, as a person who drags it does. */
export async function setClock(page, point) {
  await page.locator("#clock").fill(String(point));
  await page.waitForFunction((at) => document.getElementById("clock").value === String(at), point);
}

/** The whole number that an element shows. */
export async function number(page, selector) {
  const text = await page.locator(selector).first().innerText();
  const found = text.match(/\d[\d,]*/);
  return Number(found[0].replaceAll(",", ""));
}

/** A figure as the page should write it, from the exact one: said anew here, so that a slip in the page shows. */
export function shown(value) {
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  const grouped = (text) => text.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  if (size === 0) return "0";
  if (size >= 999.95 || (size >= 1 && Number.isInteger(size))) return sign + grouped(size.toFixed(0));
  if (size >= 99.95) return sign + size.toFixed(1);
  if (size >= 0.995) return sign + size.toFixed(2);
  return sign + String(Number(size.toPrecision(2)));
}
