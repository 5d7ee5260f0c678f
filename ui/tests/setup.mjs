// What the tests of the page share: plans to look at, a browser, and what verify says.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

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

/** What `corridor verify` recomputes of a plan. */
export function verified(planned, within = "plan.json") {
  return JSON.parse(execFileSync(corridor, ["verify", planned.folder, join(planned.out, within), "--json"], { maxBuffer: 1 << 28 })).recomputed;
}

export function browserPath() {
  const found = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => path && existsSync(path));
  if (!found) throw new Error("no browser: install Debian's chromium (apt-get install chromium), or name one in CHROMIUM");
  return found;
}

const plain = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** A browser without a GPU; WebGL is drawn by the processor unless `graphics` is false. */
export function launch(graphics = true) {
  const drawing = graphics ? ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"] : ["--disable-3d-apis"];
  return chromium.launch({ executablePath: browserPath(), headless: true, args: [...plain, ...drawing] });
}

/** Opens a report by its file, notes what it prints and asks for, and waits until its clock is there. */
export async function open(browser, file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.heard = [];
  page.asked = [];
  page.on("console", (message) => message.type() === "error" && page.heard.push(message.text()));
  page.on("pageerror", (error) => page.heard.push(error.message));
  page.on("request", (request) => page.asked.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector("#clock-time");
  return page;
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
