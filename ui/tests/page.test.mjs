// The page in a real browser, on plans of shipped cases: what it shows, what it asks for, and how it is used.
// Times are measured and printed, never asserted. Screenshots are kept in ui/artefacts.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inflateSync } from "node:zlib";
import { artefacts, command, csv, launch, number, open, plan, root, setClock, shown, verified, work } from "./setup.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let browser;
let kabul;
let river;

before(async () => {
  browser = await launch();
  // A wide gap: what is tested is the page, not how good the plan is.
  kabul = plan("kabul", "cases/kabul-2021", "--rate", "0", "--gap", "0.05");
  river = plan("river", "cases/river-town", "--rate", "0", "--rate", "1000", "--gap", "0.5");
});

after(() => browser.close());

/** The data in a report, taken out as another program would. */
function dataOf(file) {
  const html = readFileSync(file, "utf8");
  const element = (id) => html.match(new RegExp(`<script type="[^"]*" id="${id}">([^<]*)</script>`))[1];
  const report = JSON.parse(element("corridor-report"));
  const plans = report.plans.map((_, index) => JSON.parse(inflateSync(Buffer.from(element(`corridor-plan-${index}`), "base64"))));
  return { report, plans };
}

test("it opens by double-click, prints no error and asks the network for nothing", async () => {
  for (const { report } of [kabul, river]) {
    const page = await open(browser, report);
    await page.waitForSelector(".maplibregl-canvas");
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.waitForTimeout(800);
    assert.deepEqual(page.heard, []);
    const outside = page.asked.filter((url) => !/^(file|blob|data):/.test(url));
    assert.deepEqual(outside, []);
    assert.deepEqual(page.asked.filter((url) => url.startsWith("file:")).length, 1, "one file");
    await page.context().close();
  }
});

test("every figure is the one that verify recomputes", async () => {
  for (const [planned, within, index] of [[kabul, "plan.json", 0], [river, "rate-0/plan.json", 0], [river, "rate-1000/plan.json", 1]]) {
    const truth = verified(planned, within);
    const page = await open(browser, planned.report);
    if (index > 0) {
      await page.selectOption("#plan-choice", String(index));
      await page.waitForFunction((words) => document.querySelector('[data-figure="harm.total"]').innerText === words, shown(truth.harm.total));
    }
    const everybody = dataOf(planned.report).report.case.people;
    assert.equal(await number(page, "#people-out"), truth.people);
    if (truth.people < everybody) assert.equal(await number(page, "#people-left"), everybody - truth.people);
    if (truth.people < everybody) assert.ok((await page.locator("#lead").innerText()).startsWith("Left behind: "));
    const figure = async (name) => (await page.locator(`[data-figure="${name}"]`).first().innerText()).trim();
    assert.equal(await figure("objective"), shown(truth.objective));
    for (const [name, value] of Object.entries(truth.harm)) assert.equal(await figure(`harm.${name}`), shown(value), name);
    // Where nothing is better, the sentence needs no bound.
    if (truth.gap <= 0) {
      assert.equal(await page.locator('#proof [data-figure="bound"]').count(), 0);
      await page.context().close();
      continue;
    }
    assert.equal(await figure("bound"), shown(truth.bound));
    // The gap is rounded up in its second digit: never below the truth, and by less than a tenth of it above.
    const gap = Number((await figure("gap")).replace(/[ %,]/g, "")) / 100;
    assert.ok(gap >= truth.gap * (1 - 1e-9) && gap <= truth.gap * 1.11, `${gap} ${truth.gap}`);
    await page.context().close();
  }
});

test("the harm of all places adds up to the harm in crowds that verify recomputes", () => {
  for (const [planned, within, index] of [[kabul, "plan.json", 0], [river, "rate-0/plan.json", 0], [river, "rate-1000/plan.json", 1]]) {
    const truth = verified(planned, within);
    const risk = dataOf(planned.report).plans[index].risk.flatMap((place) => place.blocks);
    const [ours, beside] = [risk.reduce((sum, block) => sum + block.harm, 0), risk.reduce((sum, block) => sum + block.bystanders, 0)];
    assert.ok(Math.abs(ours - truth.harm.crowds) <= 1e-9 * Math.max(1, truth.harm.crowds), `${ours} ${truth.harm.crowds}`);
    assert.ok(Math.abs(beside - truth.harm_to_bystanders) <= 1e-9 * Math.max(1, truth.harm_to_bystanders), `${beside}`);
  }
});

test("the clock moves the numbers to those of movements.csv at that time", async () => {
  for (const [planned, table] of [[kabul, "movements.csv"], [river, "rate-0/movements.csv"]]) {
    const rows = csv(join(planned.out, table));
    const { start, end, steps, people, count_out } = dataOf(planned.report).report.case;
    const page = await open(browser, planned.report);
    for (const share of [0, 0.1, 0.37, 0.5, 0.81, 1]) {
      const point = Math.round(steps * share);
      const time = start + ((end - start) * point) / steps;
      await setClock(page, point);
      // Called by that time; out who began to cross before it, or where arrival counts, who have crossed.
      const isOut = (row) => (count_out === "arrival" ? Date.parse(row.arrives_utc) <= time : Date.parse(row.departs_utc) < time);
      const heads = (some) => some.reduce((sum, row) => sum + Number(row.people), 0);
      const called = heads(rows.filter((row) => row.leg === "1" && Date.parse(row.called_utc) <= time));
      const out = heads(rows.filter((row) => row.counts_as_out === "1" && isOut(row)));
      const there = await page.evaluate(() => ["now-home", "now-moving", "now-out"].map((id) => Number(document.getElementById(id).innerText.replaceAll(",", ""))));
      assert.deepEqual(there, [people - called, called - out, out], `${table} at ${new Date(time).toISOString()}`);
    }
    await page.context().close();
  }
});

test("crowds at a place follow from the legs of plan.json", async () => {
  const { movements } = JSON.parse(readFileSync(join(kabul.out, "plan.json"), "utf8"));
  const { nodes, groups, links, flights } = dataOf(kabul.report).report.case;
  const way = ({ id, from, to, transit, run }) => [id, { from: nodes[from].id, to: nodes[to].id, transit: transit ?? (run ? run[1] - run[0] : 0) }];
  const rides = new Map([...links, ...flights].map(way));
  const page = await open(browser, kabul.report);
  const point = 60;
  await setClock(page, point);
  const listed = await page.evaluate(() =>
    [...document.querySelectorAll("#now-crowds tbody tr")].map((row) => ({ node: row.dataset.node, people: Number(row.querySelector("td").innerText.replaceAll(",", "")) })),
  );
  // Where no group starts, those who came and have not left are there.
  const origins = new Set(groups.map((group) => nodes[group.origin].id));
  let checked = 0;
  for (const { node, people } of listed.filter((each) => !origins.has(each.node))) {
    let here = 0;
    for (const { people: moved, legs } of movements) {
      for (const [id, step] of legs) {
        const { from, to, transit } = rides.get(id);
        if (to === node && step + transit <= point) here += moved;
        if (from === node && step <= point) here -= moved;
      }
    }
    assert.equal(people, here, node);
    checked += 1;
  }
  assert.ok(checked > 0, "no such place is listed");
  await page.context().close();
});

test("choosing another plan changes the plan that is shown", async () => {
  const page = await open(browser, river.report);
  const truth = verified(river, "rate-1000/plan.json");
  const harm = page.locator('[data-figure="harm.total"]');
  assert.notEqual(await harm.innerText(), shown(truth.harm.total));
  await page.locator("#plans-table button[data-plan='1']").click();
  await page.waitForFunction((words) => document.querySelector('[data-figure="harm.total"]').innerText === words, shown(truth.harm.total));
  assert.equal(await number(page, "#people-out"), truth.people);
  assert.equal(await page.locator("#plan-choice").inputValue(), "1");
  await page.locator("#plans").screenshot({ path: join(artefacts, "plans.png") });
  await page.context().close();
});

/** What is read once it no longer changes: a chart moves its marks for a while, the longer the busier the machine is. */
async function atRest(page, read) {
  for (let last = null; ; ) {
    const now = await read();
    if (JSON.stringify(now) === JSON.stringify(last)) return now;
    last = now;
    await page.waitForTimeout(150);
  }
}

test("a point of the front that the command found loads its plan, by the chart and by the table", async () => {
  const front = command("front", "tests/cases/h03_crowd_and_bystanders");
  const { points } = JSON.parse(readFileSync(join(front.out, "front.json"), "utf8"));
  assert.ok(points.length > 2);
  assert.ok(readFileSync(front.report).length < 5_000_000);
  const truths = points.map((point) => verified(front, point.plan));
  const page = await open(browser, front.report);
  const harm = () => page.locator('[data-figure="harm.total"]').innerText();
  // It opens with the first point: most people out.
  assert.equal(await harm(), shown(truths[0].harm.total));
  const chart = page.locator("#plans .chart-place");
  await chart.evaluate((element) => element.scrollIntoView({ block: "center" }));
  await page.waitForSelector("#plans .chart-place svg");
  // The points are the round marks; each one that is pressed loads the plan of its row.
  const loaded = new Set();
  for (let mark = 0; mark < points.length; mark += 1) {
    const boxes = await atRest(page, () =>
      chart.locator("svg path[transform]").evaluateAll((paths) => paths.map((path) => path.getBoundingClientRect().toJSON())),
    );
    // The table goes from most harm to least, which is from the right to the left.
    const round = boxes.filter((box) => Math.abs(box.width - box.height) < 2 && box.width > 10).sort((a, b) => b.x + b.width / 2 - a.x - a.width / 2);
    assert.equal(round.length, points.length);
    await page.mouse.click(round[mark].x + round[mark].width / 2, round[mark].y + round[mark].height / 2);
    await page.waitForFunction((at) => document.querySelectorAll("#plans-table tbody tr")[at].classList.contains("chosen"), mark);
    assert.equal(await harm(), shown(truths[mark].harm.total));
    assert.equal(await number(page, "#people-out"), truths[mark].people);
    loaded.add(await page.locator("#plan-choice").inputValue());
  }
  assert.equal(loaded.size, points.length, "every point has a plan of its own");
  await page.locator("#plans-table button[data-plan='1']").click();
  await page.waitForFunction(() => document.querySelectorAll("#plans-table tbody tr")[1].classList.contains("chosen"));
  assert.equal(await number(page, "#people-out"), truths[1].people);
  // The clock follows the plan that is shown: at the end everybody of it is out.
  await page.locator("#clock").focus();
  await page.keyboard.press("End");
  assert.equal(Number((await page.locator("#now-out").innerText()).replaceAll(",", "")), truths[1].people);
  assert.deepEqual(page.heard, []);
  await page.locator("#plans").screenshot({ path: join(artefacts, "front.png") });
  await page.context().close();
});

test("plans of other commands have a page that says what it is of", async () => {
  const changed = command("what-if", "cases/river-town", "--close", "old-bridge", "--rate", "0", "--gap", "0.5");
  const rest = command("replan", "cases/river-town", [join(river.out, "rate-0/plan.json")], "--at", "2031-03-14T15:00", "--gap", "0.5");
  const worst = command("plan", "tests/cases/j01_worst_case", "--harm", "worst", "--rate", "1");
  const budget = command("plan", "tests/cases/h03_crowd_and_bystanders", "--at-most-harm", "0.2");
  for (const [file, says] of [
    [join(changed.out, "before/report.html"), /before.*[Bb]ridge/],
    [join(changed.out, "after/report.html"), /after.*[Bb]ridge/],
    [rest.report, /Planned anew from 14 Mar 15:00/],
    [worst.report, /Made for the worst case/],
    [budget.report, /AT MOST 0.2 HARM/],
  ]) {
    const page = await open(browser, file);
    assert.match(await page.locator("header").innerText(), says, file);
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.waitForTimeout(300);
    assert.deepEqual(page.heard, [], file);
    await page.context().close();
  }
  // What is planned for the worst case says what is proved of it, and not where it lies.
  const truth = verified(worst, "restricted/plan.json");
  const page = await open(browser, worst.report);
  assert.equal(await page.locator('[data-figure="objective"]').first().innerText(), shown(truth.objective));
  const html = readFileSync(worst.report, "utf8");
  assert.ok(!html.includes("attacker\":{") && !html.includes("worst-case.csv"));
  await page.context().close();
});

test("pointing at a limit shows it on the map", async () => {
  const page = await open(browser, kabul.report);
  const map = page.locator(".map");
  await map.scrollIntoViewIfNeeded();
  await page.waitForTimeout(1500);
  const limit = dataOf(kabul.report).report.plans[0].limits[0];
  const wanted = limit.links.map((index) => dataOf(kabul.report).report.case.links[index].id).join(" ");
  await page.locator(".limit[data-limit='0']").hover();
  assert.equal(await map.getAttribute("data-pointed"), wanted);
  await page.mouse.move(0, 0);
  await page.waitForFunction(() => document.querySelector(".map").dataset.pointed === "");
  // By keyboard as well, and in colour: the map without and with it differ.
  await map.scrollIntoViewIfNeeded();
  await page.waitForTimeout(800);
  const without = await map.screenshot();
  await page.evaluate(() => document.querySelector(".limit[data-limit='0']").focus({ preventScroll: true }));
  await page.waitForTimeout(800);
  const lit = await map.screenshot({ path: join(artefacts, "map-limit.png") });
  assert.ok(!without.equals(lit), "the map shows nothing of the limit");
  await page.context().close();
});

test("the printed page holds every gate's tables, and each sheet prints alone", async () => {
  const page = await open(browser, kabul.report);
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.waitForSelector("#print-sheets .print-sheet");
  const gates = dataOf(kabul.report).report.case.posts.filter((post) => post.kind === "gate");
  assert.equal(await page.locator("#print-sheets .print-sheet").count(), gates.length);
  for (const gate of gates) {
    const sheet = page.locator(`.print-sheet[data-post="${gate.slug}"]`);
    assert.ok(await sheet.isVisible(), gate.name);
    const rows = csv(join(kabul.out, "orders/gates", `${gate.slug}-who-comes.csv`));
    const printed = await sheet.locator('table[data-table="who-comes"] tbody tr').count();
    assert.equal(printed, rows.length, gate.name);
    const sum = rows.reduce((all, row) => all + Number(row.all_who_come), 0);
    const foot = await sheet.locator('table[data-table="who-comes"] tfoot').allInnerTexts();
    if (sum > 0) assert.ok(foot[0].includes(shown(sum)), `${gate.name}: ${foot} lacks ${sum}`);
  }
  assert.ok(await page.locator("#first-line").isVisible());
  await page.pdf({ path: join(artefacts, "summary-and-gates.pdf"), preferCSSPageSize: true });
  await page.context().close();
});

test("the order sheets are pages of their own with their own post's data alone", async () => {
  const { report, plans } = dataOf(kabul.report);
  const { nodes, groups, flights, links, posts: all } = report.case;
  const there = (folder, ending) => readdirSync(join(kabul.out, "orders", folder)).filter((name) => name.endsWith(ending));
  const text = (folder, name) => readFileSync(join(kabul.out, "orders", folder, name), "utf8");
  const heading = (folder, name) => text(folder, name).match(/<h1>([^<]*)<\/h1>/)[1];
  // Places that the people of a post come from or go on to, which it must be told: by name, from the legs of plan.json.
  const ends = new Map([...links, ...flights].map(({ id, from, to }) => [id, [from, to]]));
  const originOf = new Map(groups.map(({ id, origin }) => [id, origin]));
  const beside = new Map(nodes.map((_, node) => [node, new Set()]));
  for (const { group, legs } of JSON.parse(readFileSync(join(kabul.out, "plan.json"), "utf8")).movements) {
    for (const [id] of legs) {
      const [from, to] = ends.get(id);
      for (const [here, other] of [[from, to], [to, from], [to, originOf.get(group)], [from, originOf.get(group)]]) beside.get(here).add(nodes[other].name);
    }
  }
  const post = (slug) => all.find((each) => each.slug === slug && ["assembly", "haven"].includes(each.kind));
  // A gate names no other gate and a flight no other flight; a haven and a place of assembly no other one but those.
  for (const folder of ["gates", "assembly-areas", "flights", "havens"]) {
    const pages = there(folder, ".html");
    assert.ok(pages.length > 1, folder);
    const names = new Map(pages.map((name) => [name, heading(folder, name)]));
    assert.equal(new Set(names.values()).size, pages.length, `${folder}: two sheets have one heading`);
    for (const name of pages) {
      // Names stand between marks: “Gate” is no mention of “East Gate”. What stays after its own name is taken out must name no other.
      const known = new Set((post(name.slice(0, -5))?.nodes ?? []).flatMap((node) => [...beside.get(node)]));
      const others = [...names.values()].filter((each) => each !== names.get(name) && !names.get(name).includes(each) && !known.has(each));
      assert.ok(others.length > 0, name);
      for (const file of [name, ...there(folder, ".csv").filter((each) => each.startsWith(`${name.slice(0, -5)}-`) && !pages.some((other) => other.length > name.length && each.startsWith(`${other.slice(0, -5)}-`)))]) {
        const cells = text(folder, file).replaceAll(names.get(name), "").split(/[<>",\n]/).map((cell) => cell.trim());
        for (const other of others) assert.ok(!cells.includes(other), `${folder}/${file} names ${other}`);
      }
    }
  }
  // A flight's manifest has those on board, and as many.
  for (const [index, loads] of plans[0].flights) {
    const { id, run } = flights[index];
    if (!run) continue;
    const rows = csv(join(kabul.out, "orders/flights", `${there("flights", ".html").map((name) => name.slice(0, -5)).find((slug) => slug === id.toLowerCase()) ?? id}-manifest.csv`));
    const aboard = new Map();
    for (let at = 0; at < loads.length; at += 2) aboard.set(groups[loads[at]].id, loads[at + 1]);
    assert.equal(rows.length, aboard.size, id);
    for (const row of rows) assert.equal(Number(row.people), aboard.get(row.group_id), `${id} ${row.group_id}`);
  }
  // A place of assembly calls its own people alone: those whose origin it is, in groups that the plan calls.
  const called = new Map(plans[0].called.map(([group, entries]) => [group, entries.filter((_, at) => at % 2 === 1).reduce((sum, each) => sum + each, 0)]));
  let posts = 0;
  for (const post of report.case.posts.filter((each) => each.kind === "assembly" && each.nodes.every((node) => nodes[node].kind === "zone"))) {
    const rows = csv(join(kabul.out, "orders/assembly-areas", `${post.slug}-call-forward.csv`));
    const own = groups.map((group, index) => (post.nodes.includes(group.origin) ? (called.get(index) ?? 0) : 0)).reduce((sum, each) => sum + each, 0);
    assert.equal(rows.reduce((sum, row) => sum + Number(row.people), 0), own, post.name);
    posts += 1;
  }
  assert.ok(posts > 0, "no zone calls anybody");
  // Nothing that is for the planning staff alone stands in any of them.
  for (const folder of ["gates", "assembly-areas", "flights", "havens"]) {
    for (const name of readdirSync(join(kabul.out, "orders", folder))) assert.ok(!/worst|attacker|critical|restricted/i.test(text(folder, name)), `${folder}/${name}`);
  }
  const page = await open(browser, kabul.report);
  for (const [sheet, picture] of [["gates/abbey-gate", "order-gate"], ["assembly-areas/asm-centre", "order-assembly"], ["flights/us-001", "order-flight"], ["havens/ramstein", "order-haven"]]) {
    await page.goto(`file://${join(kabul.out, "orders", sheet)}.html`);
    await page.pdf({ path: join(artefacts, `${picture}.pdf`), preferCSSPageSize: true });
  }
  await page.context().close();
});

test("what to tell a gate's team is the sum of its hours in the order sheet", async () => {
  const page = await open(browser, kabul.report);
  const { blocks, zone } = dataOf(kabul.report).report.case;
  const six = blocks.findIndex((block) => new Intl.DateTimeFormat("en", { timeZone: zone, hour: "2-digit", hourCycle: "h23", day: "numeric" }).format(block.from).includes("06"));
  await page.selectOption("#post-window", String(six));
  const within = (row) => Date.parse(row.at_utc) >= blocks[six].from && Date.parse(row.at_utc) < blocks[six].until;
  const rows = csv(join(kabul.out, "orders/gates/abbey-gate-who-comes.csv")).filter(within);
  const come = rows.reduce((sum, row) => sum + Number(row.all_who_come), 0);
  const said = await page.locator("#briefing").innerText();
  assert.ok(come > 0 && said.startsWith(`${shown(come)} people come`), said);
  // The table of all six hours says the same of these, and choosing a row chooses the hours.
  const row = page.locator("#gate-by-block tr.chosen");
  assert.equal(await row.locator("td").first().innerText(), shown(come));
  await page.locator("#gate-by-block tbody tr:not(.chosen) button").first().click();
  assert.notEqual(await page.locator("#post-window").inputValue(), String(six));
  await page.selectOption("#post-window", String(six));
  const most = Math.max(...rows.map((row) => Number(row.waiting_here_at_most)));
  assert.ok(said.includes(`up to ${shown(most)} of the plan’s people`), said);
  await page.locator("#orders").screenshot({ path: join(artefacts, "orders.png") });
  await page.context().close();
});

test("after the deadline the page says who is left behind where, by the plan's own count", async () => {
  const { report, plans } = dataOf(kabul.report);
  const page = await open(browser, kabul.report);
  assert.equal(await page.locator("#now-left").count(), 0, "not before the deadline");
  await setClock(page, report.case.steps);
  const there = plans[0].left.filter(({ group }) => report.case.groups[group].waits_there);
  const at = (node) => there.filter(({ group }) => report.case.groups[group].origin === node).reduce((sum, { people }) => sum + people, 0);
  const places = [...new Set(there.map(({ group }) => report.case.groups[group].origin))];
  assert.ok(places.length > 0, "the case leaves people in a crowd");
  const said = await page.locator("#now-left").innerText();
  for (const node of places) assert.ok(said.includes(`${report.case.nodes[node].name} ${shown(at(node))} (`), said);
  // Nobody else is in that crowd then.
  const crowds = await page.evaluate(() => [...document.querySelectorAll("#now-crowds tbody tr")].map((row) => [row.dataset.node, row.querySelector("td").innerText]));
  for (const [id, people] of crowds.filter(([, people]) => people !== "0")) assert.equal(people, shown(at(report.case.nodes.findIndex((node) => node.id === id))), id);
  await page.context().close();
});

test("the sheet of a post leads on to its next movements, and figures that seem to disagree are explained", async () => {
  const { report } = dataOf(kabul.report);
  const page = await open(browser, kabul.report);
  const before = Number(await page.locator("#post-window").inputValue());
  await page.locator("#next-movements").click();
  const now = Number(await page.locator("#post-window").inputValue());
  assert.ok(now > before, `${before} → ${now}`);
  assert.ok((await page.locator("#order table.sheet tbody tr").count()) > 0, "there are movements in those hours");
  const head = report.plans[0];
  const worst = await page.locator("#worst-case").innerText();
  const high = head.estimate.variations.find(({ name }) => name === "all p90").harm;
  for (const figure of [head.harm_worst_case, high]) assert.ok(worst.includes(`: ${shown(figure)}`), worst);
  // Limits that are worth the same say so, in the ranking and below the reasons.
  const tied = head.limits.slice(0, 8).filter((limit, index) => index > 0 && shown(limit.effect) === shown(head.limits[index - 1].effect));
  assert.equal(await page.locator("#limits em").count(), tied.length);
  const first = shown(head.limits[0].effect) === shown(head.limits[1].effect);
  assert.equal(await page.locator("#left-tied").count(), first ? 1 : 0);
  await page.context().close();
});

test("the clock, the plan and the limits are worked by keyboard alone", async () => {
  const page = await open(browser, river.report);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  const time = () => page.locator("#clock-time").innerText();
  const before = await time();
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await time(), before);
  await page.keyboard.press("ArrowLeft");
  assert.equal(await time(), before);
  await page.keyboard.press("Space");
  assert.equal(await page.locator("#play").innerText(), "Stop");
  await page.waitForFunction((words) => document.getElementById("clock-time").innerText !== words, before);
  await page.keyboard.press("Space");
  assert.equal(await page.locator("#play").innerText(), "Play");
  await page.locator("#clock").focus();
  await page.keyboard.press("End");
  assert.equal(await page.locator("#clock").inputValue(), String(dataOf(river.report).report.case.steps));
  await page.keyboard.press("Home");
  assert.equal(await page.locator("#clock").inputValue(), "0");
  await page.locator("#plan-choice").focus();
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction((words) => document.querySelector('[data-figure="harm.total"]').innerText === words, shown(verified(river, "rate-1000/plan.json").harm.total));
  // Every control can be reached and says what it is.
  const silent = await page.evaluate(() =>
    [...document.querySelectorAll("button, select, input, summary, a[href]")].filter(
      (each) => each.tabIndex < 0 || !(each.innerText || each.getAttribute("aria-label") || each.labels?.[0]?.innerText),
    ).length,
  );
  assert.equal(silent, 0);
  await page.context().close();
});

test("it fits screens from a tablet to a wide desk, light and dark, either way of writing", async () => {
  for (const [width, height, scheme, point] of [[768, 1024, "light", 60], [1024, 768, "dark", 100], [1280, 900, "light", 60], [1920, 1080, "dark", 220]]) {
    const page = await open(browser, kabul.report, { viewport: { width, height }, colorScheme: scheme });
    await setClock(page, point);
    await page.waitForTimeout(1500);
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok((await wide()) <= width, `${width}: scrolls sideways`);
    await page.screenshot({ path: join(artefacts, `first-${width}-${scheme}.png`) });
    await page.locator("#map").screenshot({ path: join(artefacts, `map-${width}-${scheme}.png`) });
    const tall = await page.evaluate(() => document.body.scrollHeight);
    for (let y = 0; y < tall; y += height) {
      await page.evaluate((to) => scrollTo(0, to), y);
      await page.waitForTimeout(80);
    }
    assert.ok((await wide()) <= width, `${width}: scrolls sideways with all charts drawn`);
    await page.evaluate(() => (document.documentElement.dir = "rtl"));
    assert.ok((await wide()) <= width, `${width}: scrolls sideways from right to left`);
    await page.context().close();
  }
});

test("axe finds nothing serious", async () => {
  for (const [planned, scheme] of [[kabul, "light"], [kabul, "dark"], [river, "light"]]) {
    const page = await open(browser, planned.report, { colorScheme: scheme });
    await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
    const tall = await page.evaluate(() => document.body.scrollHeight);
    for (let y = 0; y < tall; y += 800) {
      await page.evaluate((to) => scrollTo(0, to), y);
      await page.waitForTimeout(60);
    }
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"] }));
    const told = violations.map((each) => `${each.impact} ${each.id}: ${each.nodes.length} × ${each.nodes[0].html.slice(0, 160)} ${each.nodes[0].any[0]?.message ?? ""}`);
    console.log(`axe, ${scheme}: ${violations.length} kinds of violation${told.length > 0 ? `\n  ${told.join("\n  ")}` : ""}`);
    assert.deepEqual(violations.filter((each) => ["serious", "critical"].includes(each.impact)).map((each) => each.id), [], told.join("\n"));
    await page.context().close();
  }
});

test("without WebGL a plainer map stands in its place, with a notice", async () => {
  const bare = await launch(false);
  try {
    const page = await open(bare, kabul.report);
    assert.ok(await page.locator("#no-graphics").isVisible());
    await page.locator("#map").scrollIntoViewIfNeeded();
    await page.waitForSelector(".plain-map svg path", { state: "attached" });
    await setClock(page, 60);
    await page.locator(".limit[data-limit='0']").hover();
    assert.notEqual(await page.locator(".plain-map").getAttribute("data-pointed"), "");
    await page.mouse.move(0, 0);
    // People move here too: as many groups are drawn as are between the ends of links, and a step moves them.
    const plan = dataOf(kabul.report).plans[0];
    const { links } = dataOf(kabul.report).report.case;
    await page.locator(".plain-map + .row button").last().click();
    await setClock(page, 60);
    await page.waitForTimeout(500);
    let under_way = 0;
    for (const [link, entries] of plan.links) {
      const { transit } = links[link];
      for (let at = 0, step = 0; at < entries.length; at += 2) {
        step += entries[at];
        if (transit > 0 && step <= 60 && step + transit > 60) under_way += 1;
      }
    }
    assert.ok(under_way > 0);
    assert.equal(Number(await page.locator(".clock-layer").getAttribute("data-moving")), under_way);
    const place = page.locator(".plain-map");
    const before = await place.screenshot();
    await page.locator("#play").click();
    await page.waitForFunction(() => document.getElementById("clock").value !== "60");
    await page.locator("#play").click();
    assert.ok(!before.equals(await place.screenshot()), "nobody moves");
    assert.deepEqual(page.heard, []);
    await page.locator("#map").screenshot({ path: join(artefacts, "map-plain.png") });
  } finally {
    await bare.close();
  }
});

test("a base map that the user gives is laid below, and nothing is asked for", async () => {
  const page = await open(browser, river.report);
  const map = page.locator(".map");
  await map.scrollIntoViewIfNeeded();
  await page.waitForTimeout(1500);
  const before = await map.screenshot();
  const file = join(work, "base.pmtiles");
  writeFileSync(file, await pmtiles(page));
  await page.locator('input[type="file"]').setInputFiles(file);
  await page.waitForTimeout(2000);
  const after = await map.screenshot({ path: join(artefacts, "map-base.png") });
  assert.ok(!before.equals(after), "the base map is not seen");
  assert.deepEqual(page.heard, []);
  assert.deepEqual(page.asked.filter((url) => !/^(file|blob|data|pmtiles):/.test(url)), []);
  // What is no such file is said, and changes nothing else.
  writeFileSync(join(work, "no.pmtiles"), "no map");
  await page.locator('input[type="file"]').setInputFiles(join(work, "no.pmtiles"));
  await page.waitForSelector(".map-frame [role=alert]");
  await page.context().close();
});

/** A PMTiles archive (version 3, nothing compressed) of one picture for the whole world, drawn by the browser. */
async function pmtiles(page) {
  const drawn = await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [256, 256];
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#2a7";
    pen.fillRect(0, 0, 256, 256);
    return canvas.toDataURL("image/png");
  });
  const tile = Buffer.from(drawn.split(",")[1], "base64");
  const varint = (value) => (value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]);
  // One entry: tile 0, run of 1, its length, its offset 0 (written as 1).
  const directory = Buffer.from([1, 0, 1, ...varint(tile.length), 1]);
  const metadata = Buffer.from("{}");
  const header = Buffer.alloc(127);
  header.write("PMTiles", "latin1");
  header[7] = 3;
  const spans = [[127, directory.length], [127 + directory.length, metadata.length], [0, 0], [127 + directory.length + metadata.length, tile.length]];
  spans.flat().forEach((value, index) => header.writeBigUInt64LE(BigInt(value), 8 + 8 * index));
  [1n, 1n, 1n].forEach((value, index) => header.writeBigUInt64LE(value, 72 + 8 * index));
  // Clustered; neither directories nor tiles compressed; PNG; zooms 0 to 0; the whole world in ten-millionths of a degree.
  header.set([1, 1, 1, 2, 0, 0], 96);
  [-1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000].forEach((value, index) => header.writeInt32LE(value, 102 + 4 * index));
  return Buffer.concat([header, directory, metadata, tile]);
}

test("served from beside it, the same page shows the same plan", async () => {
  const { report, plans } = dataOf(river.report);
  const page = readFileSync(join(root, "crates/app/page/report.html"));
  const answers = new Map([["/", [page, "text/html"]], ["/report.json", [JSON.stringify(report), "application/json"]]]);
  plans.forEach((body, index) => answers.set(`/plans/${index}.json`, [JSON.stringify(body), "application/json"]));
  const server = createServer((request, response) => {
    const [body, type] = answers.get(request.url) ?? ["", "text/plain"];
    response.writeHead(answers.has(request.url) ? 200 : 404, { "content-type": type }).end(body);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    const context = await browser.newContext();
    const live = await context.newPage();
    await live.goto(`http://127.0.0.1:${server.address().port}/`);
    await live.waitForSelector("#clock-time");
    assert.equal(await number(live, "#people-out"), verified(river, "rate-0/plan.json").people);
    await context.close();
  } finally {
    server.close();
  }
});

test("how long it takes, on this machine (measured, not asserted)", async () => {
  const paints = [];
  for (let run = 0; run < 5; run += 1) {
    const page = await open(browser, kabul.report);
    await page.waitForTimeout(300);
    paints.push(await page.evaluate(() => ({ paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN, clock: performance.now() })));
    await page.context().close();
  }
  const page = await open(browser, kabul.report);
  await page.locator("#map").scrollIntoViewIfNeeded();
  await page.waitForTimeout(3000);
  const metrics = await page.context().newCDPSession(page);
  await metrics.send("Performance.enable");
  const busy = async () => (await metrics.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value * 1000;
  const busyBefore = await busy();
  const steps = await page.evaluate(async () => {
    const clock = document.getElementById("clock");
    const taken = [];
    for (let point = 20; point < 60; point += 1) {
      const begun = performance.now();
      clock.value = String(point);
      clock.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
      taken.push(performance.now() - begun);
    }
    return taken.sort((a, b) => a - b);
  });
  const busyFor = (await busy()) - busyBefore;
  const middle = (of) => [...of].sort((a, b) => a - b)[Math.floor(of.length / 2)].toFixed(0);
  console.log(`Kabul: ${(readFileSync(kabul.report).length / 1e6).toFixed(2)} MB; first paint ${middle(paints.map((each) => each.paint))} ms (middle of 5)`);
  console.log(`Kabul: a step of the clock to the next painted frame ${middle(steps)} ms (middle of ${steps.length}), slowest ${steps.at(-1).toFixed(0)} ms; ${(busyFor / steps.length).toFixed(1)} ms of the page's own work`);
  await page.context().close();
});

test("a city of 100,000 links is thinned with a notice, and can still be moved about", async () => {
  const { report, plans } = dataOf(river.report);
  const side = 224;
  const [nodes, links] = [report.case.nodes, report.case.links];
  const first = nodes.length;
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      nodes.push({ ...nodes[0], id: `c-${x}-${y}`, name: `c-${x}-${y}`, kind: "junction", safe: false, capacity: null, bystanders: [], waiting_there: [], at: [-30.05 + x * 0.0005, 44.96 + y * 0.0004] });
    }
  }
  const link = (from, to) => links.push({ id: `c${links.length}`, name: "", from: first + from, to: first + to, transit: 1, people_per_hour: null, closures: [] });
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      if (x + 1 < side) link(y * side + x, y * side + x + 1);
      if (y + 1 < side) link(y * side + x, (y + 1) * side + x);
    }
  }
  // Ways back make it more than 100,000.
  while (links.length < 100_500) link(links.length % 50_000, (links.length % 50_000) + 1);
  const page = await open(browser, await withData(report, plans, "city.html"));
  await page.waitForSelector(".maplibregl-canvas");
  const notice = await page.locator(".thinned").innerText();
  assert.match(notice, /of 100,500 links are drawn/);
  const city = await framesWhileMoved(page);
  assert.deepEqual(page.heard, []);
  await page.locator("#map").screenshot({ path: join(artefacts, "map-city.png") });
  await page.context().close();
  const town = await open(browser, river.report);
  await town.waitForSelector(".maplibregl-canvas");
  console.log(`Frames a second while the map is moved, drawn by the processor: a city of 100,500 links ${city.toFixed(0)}, the river town ${(await framesWhileMoved(town)).toFixed(0)}`);
  await town.context().close();
});

/** How many frames the browser draws in a second while the map is dragged about. */
async function framesWhileMoved(page) {
  await page.locator(".map").scrollIntoViewIfNeeded();
  await page.waitForTimeout(5000);
  const box = await page.locator(".map").boundingBox();
  await page.mouse.move(box.x + 300, box.y + 300);
  await page.mouse.down();
  const frames = page.evaluate(
    () =>
      new Promise((done) => {
        const begun = performance.now();
        let frames = 0;
        requestAnimationFrame(function next() {
          frames += 1;
          if (performance.now() - begun < 3000) requestAnimationFrame(next);
          else done((frames * 1000) / (performance.now() - begun));
        });
      }),
  );
  for (let move = 0; move < 90; move += 1) {
    await page.mouse.move(box.x + 300 + 60 * Math.sin(move / 8), box.y + 300 + 40 * Math.cos(move / 8));
    await page.waitForTimeout(25);
  }
  const drawn = await frames;
  await page.mouse.up();
  return drawn;
}

/** A report with other data in the same page. */
async function withData(report, plans, name) {
  const page = readFileSync(join(root, "crates/app/page/report.html"), "utf8");
  const { deflateSync } = await import("node:zlib");
  const json = `<script type="application/json" id="corridor-report">${JSON.stringify(report).replaceAll("<", "\\u003c")}</script>`;
  const bodies = plans.map((body, index) => `<script type="application/octet-stream" id="corridor-plan-${index}">${deflateSync(JSON.stringify(body)).toString("base64")}</script>`);
  const file = join(work, name);
  writeFileSync(file, page.replace("<!--corridor-data-->", () => [json, ...bodies].join("\n")));
  return file;
}
