// A browser, and a report opened in it.

import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

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
