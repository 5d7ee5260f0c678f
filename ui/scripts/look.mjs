// A report as a reader sees it, who cannot click: its whole visible text and a picture of each section, in a folder.
//   node scripts/look.mjs REPORT.html FOLDER [WIDTH …]
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { launch, open } from "../tests/browser.mjs";

const [report, folder, ...widths] = process.argv.slice(2);
if (!report || !folder) {
  console.error("usage: node scripts/look.mjs REPORT.html FOLDER [WIDTH …]");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const browser = await launch();
try {
  for (const width of (widths.length > 0 ? widths : ["1024", "1440"]).map(Number)) {
    const page = await open(browser, resolve(report), { viewport: { width, height: 900 } });
    await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
    await everythingDrawn(page);
    if (width === Number(widths[0] ?? 1024)) writeFileSync(join(folder, "text.txt"), await text(page));
    await page.screenshot({ path: join(folder, `${width}-0-first-screen.png`) });
    // The clock covers the foot of each picture otherwise.
    await page.addStyleTag({ content: ".clock { position: static !important; }" });
    const names = await page.evaluate(() => ["header", ...[...document.querySelectorAll("main > section")].map((each) => `#${each.id}`), ".clock"]);
    for (const [at, name] of names.entries()) {
      await page.locator(name).first().screenshot({ path: join(folder, `${width}-${at + 1}-${name.replace(/\W/g, "")}.png`) });
    }
    await page.context().close();
  }
} finally {
  await browser.close();
}

/** Charts are drawn once they come near the screen. */
async function everythingDrawn(page) {
  const tall = await page.evaluate(() => document.body.scrollHeight);
  for (let y = 0; y < tall; y += 600) {
    await page.evaluate((to) => scrollTo(0, to), y);
    await page.waitForTimeout(120);
  }
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(1000);
}

/** What stands on the page, and then what it says of each gate in each six hours of the first two days. */
async function text(page) {
  const all = [await page.locator("#page").innerText(), "", "ORDERS OF EVERY GATE, AS CHOSEN IN “Orders for one post”"];
  const gates = await page.locator("#post option").evaluateAll((options) => options.map((each) => each.value));
  const windows = await page.locator("#post-window option").evaluateAll((options) => options.map((each) => each.value).filter((value) => value !== "-1"));
  for (const gate of gates) {
    await page.selectOption("#post", gate);
    for (const window of windows.slice(0, 8)) {
      await page.selectOption("#post-window", window);
      const briefing = page.locator("#briefing");
      if ((await briefing.count()) > 0) all.push("", await page.locator("#order h3").innerText(), await briefing.innerText());
    }
  }
  await page.selectOption("#post", gates[0] ?? []);
  return `${all.join("\n")}\n`;
}
