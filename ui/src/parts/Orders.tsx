import { signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { chance, count, percent } from "../format";
import type { PostData, PostKind, Sheet } from "../generated/report";
import { attacks, crowdIn } from "../risk";
import { block, blockWords, data, head, local, moving } from "../state";
import { strings } from "../strings";
import { numbers, SheetTables, sum, within } from "./SheetView";
import { printPage } from "./PrintSheets";

export const chosenKind = signal<PostKind>("gate");
export const chosenPost = signal(0);
/** Index of a block; −1: all hours; null: the block that the clock is in. */
const chosenBlock = signal<number | null>(null);

/** Sheets of one kind in this plan; flights are made from their loads. */
export function sheetsOf(kind: PostKind): Sheet[] {
  return kind === "flight" ? flightSheets() : moving.value!.body.sheets.filter((sheet) => sheet.kind === kind);
}

function flightSheets(): Sheet[] {
  const c = data();
  const words = strings.orders.flightFacts;
  return c.flights.flatMap((flight, index) => {
    if (!flight.run) return [];
    const { people, groups } = moving.value!.onFlight(index);
    const fact = (label: string, value: string) => ({ label, value });
    const sheet: Sheet = {
      kind: "flight",
      name: `${flight.operator} ${flight.aircraft} ${flight.id}`.trim(),
      slug: flight.id,
      facts: [
        fact(words.from, c.nodes[flight.from]!.name),
        fact(words.to, c.nodes[flight.to]!.name),
        fact(words.departs, local().short(flight.departs)),
        fact(words.arrives, local().short(flight.arrives)),
        fact(words.seats, count(flight.seats)),
        fact(words.people, count(people)),
        fact(words.empty, count(flight.seats - people)),
      ],
      tables: [
        {
          slug: "manifest",
          title: strings.orders.kinds.flight,
          when: words.departs,
          columns: [
            { title: strings.orders.group, name: "group", holds: "words" },
            { title: strings.orders.people, name: "people", holds: "people" },
          ],
          rows: groups.map(([group, on]) => ({ at: flight.departs, cells: [c.groups[group]!.name, on] })),
        },
      ],
    };
    return [sheet];
  });
}

export function Orders() {
  const c = data();
  const kind = chosenKind.value;
  const sheets = sheetsOf(kind);
  const sheet = sheets[Math.min(chosenPost.value, sheets.length - 1)];
  const at = chosenBlock.value ?? block.value;
  const window = at < 0 || kind === "flight" ? null : c.blocks[at]!;
  return (
    <section id="orders" aria-labelledby="orders-title">
      <h2 id="orders-title">{strings.orders.title}</h2>
      <p class="muted">{strings.orders.intro}</p>
      <div class="row no-print">
        <label>
          {strings.orders.kind}{" "}
          <select
            id="post-kind"
            value={kind}
            onChange={(event) => {
              chosenKind.value = event.currentTarget.value as PostKind;
              chosenPost.value = 0;
            }}
          >
            {(Object.keys(strings.orders.kinds) as PostKind[]).map((each) => (
              <option value={each} key={each}>{strings.orders.kinds[each]}</option>
            ))}
          </select>
        </label>
        <label>
          {strings.orders.post}{" "}
          <select id="post" value={String(Math.min(chosenPost.value, sheets.length - 1))} onChange={(event) => (chosenPost.value = Number(event.currentTarget.value))}>
            {sheets.map((each, index) => (
              <option value={String(index)} key={each.slug}>{each.name}</option>
            ))}
          </select>
        </label>
        {kind !== "flight" && (
          <label>
            {strings.orders.window}{" "}
            <select id="post-window" value={String(at)} onChange={(event) => (chosenBlock.value = Number(event.currentTarget.value))}>
              <option value="-1">{strings.orders.all}</option>
              {c.blocks.map((each, index) => (
                <option value={String(index)} key={each.from}>{blockWords(each)}</option>
              ))}
            </select>
          </label>
        )}
        <button type="button" onClick={() => printPage("sheet")}>{strings.orders.print}</button>
      </div>
      {!sheet ? (
        <p>{strings.orders.noPosts}</p>
      ) : (
        <article class="order" id="order">
          <h3>{window === null ? sheet.name : strings.orders.tell(sheet.name, blockWords(window))}</h3>
          {kind === "gate" && window !== null ? <Briefing sheet={sheet} at={at} /> : <Facts sheet={sheet} />}
          {window !== null && <NextMovements sheet={sheet} at={at} />}
          <SheetTables sheet={sheet} window={window} />
          {kind === "gate" && <GateByBlock sheet={sheet} at={at} />}
          {head().orders != null && <p class="muted">{strings.orders.file(`${head().orders}/${folderOf(kind)}/${sheet.slug}.html`)}</p>}
        </article>
      )}
    </section>
  );
}

function folderOf(kind: PostKind): string {
  return { gate: "gates", assembly: "assembly-areas", flight: "flights", haven: "havens" }[kind];
}

export function Facts({ sheet }: { sheet: Sheet }) {
  return (
    <dl class="facts">
      {sheet.facts.map((fact) => (
        <div key={fact.label}><dt>{fact.label}</dt><dd>{fact.value}</dd></div>
      ))}
    </dl>
  );
}

/** Leads on to the next hours in which anybody moves at this post. */
function NextMovements({ sheet, at }: { sheet: Sheet; at: number }) {
  const blocks = data().blocks;
  const moves = (index: number) =>
    sheet.tables.some((table) => {
      const rows = within(table, blocks[index]!);
      return rows.columns.some((column, place) => column.holds === "people" && sum(numbers(rows, place)) > 0);
    });
  const next = blocks.findIndex((_, index) => index > at && moves(index));
  if (next < 0) return null;
  return (
    <p class="no-print">
      <button type="button" id="next-movements" onClick={() => (chosenBlock.value = next)}>
        {strings.orders.next(local().clock(blocks[at]!.until), blockWords(blocks[next]!))}
      </button>
    </p>
  );
}

/** What one would say to a gate's team on the telephone. */
function Briefing({ sheet, at }: { sheet: Sheet; at: number }) {
  const c = data();
  const window = c.blocks[at]!;
  const post: PostData | undefined = c.posts.find((each) => each.kind === "gate" && each.slug === sheet.slug);
  const [comes, passes] = [within(sheet.tables[0]!, window), within(sheet.tables[1]!, window)];
  const column = (name: string) => comes.columns.findIndex((each) => each.name === name);
  const allAt = column("all_who_come");
  const all = numbers(comes, allAt);
  const hours = (window.until - window.from) / 3_600_000;
  const busiest = all.indexOf(Math.max(...all));
  const who = comes.columns
    .slice(0, allAt)
    .map((each, index) => ({ name: each.title, people: sum(numbers(comes, index)) }))
    .filter((each) => each.people > 0)
    .map((each) => `${each.name} ${count(each.people)}`)
    .join(", ");
  const called = column("called_from_the_crowd_here");
  const waits = post && post.nodes.length > 0 ? crowdIn(post.nodes, window.from_step, window.until_step, false) : null;
  const beside = post ? Math.max(0, ...steps(window.from_step, window.until_step).map((step) => crowdBeside(post.nodes, step))) : 0;
  const danger = post ? attacks(post.nodes, at) : { best: 0, low: null, high: null };
  const stages = passes.columns.flatMap((each, index) => (each.holds === "people" ? [{ name: each.title, people: sum(numbers(passes, index)), could: sum(numbers(passes, index + 1)) }] : []));
  const closed = (post?.stages ?? []).flatMap((link) =>
    c.links[link]!.closures
      .filter((closure) => closure.people_per_hour === 0 && closure.from < window.until && closure.until > window.from)
      .map((closure) => ({ name: c.links[link]!.name, when: local().span(Math.max(closure.from, window.from), Math.min(closure.until, window.until)) })),
  );
  return (
    <ul class="briefing" id="briefing">
      <li>
        {sum(all) > 0
          ? strings.orders.come(count(sum(all)), count(sum(all) / hours), count(all[busiest]!), local().clock(comes.rows[busiest]!.at))
          : strings.orders.comeNone}{" "}
        {who && strings.orders.who(who)} {called >= 0 && sum(numbers(comes, called)) > 0 && strings.orders.called(count(sum(numbers(comes, called))))}
      </li>
      {waits && waits.people > 0 && (
        <li>
          {strings.orders.wait(count(waits.people), local().clock(hourStart(waits.step)), beside > 0 ? strings.orders.bystanders(count(beside)) : "")}
        </li>
      )}
      {stages.filter((stage) => stage.people > 0).map((stage) => (
        <li key={stage.name}>
          {strings.orders.pass(stage.name, count(stage.people), count(stage.could))} {stage.people >= stage.could && stage.could > 0 && <strong>{strings.orders.full}</strong>}
        </li>
      ))}
      {closed.map((each) => (
        <li key={each.name + each.when}>{strings.orders.closed(each.name, each.when)}</li>
      ))}
      {danger.best > 0 && (
        <li>
          {strings.orders.danger(
            percent(chance(danger.best)),
            danger.low === null || danger.high === null ? "" : strings.orders.interval(percent(chance(danger.low)), percent(chance(danger.high))),
          )}{" "}
          {strings.orders.spread}
        </li>
      )}
    </ul>
  );
}

/** The whole plan at a gate, a row for each six hours. */
function GateByBlock({ sheet, at }: { sheet: Sheet; at: number }) {
  const c = data();
  const words = strings.orders.blockColumns;
  const post: PostData | undefined = c.posts.find((each) => each.kind === "gate" && each.slug === sheet.slug);
  const rows = useMemo(() => {
    const column = (name: string) => sheet.tables[0]!.columns.findIndex((each) => each.name === name);
    const [allAt, calledAt] = [column("all_who_come"), column("called_from_the_crowd_here")];
    const stages = sheet.tables[1]!.columns.flatMap((each, index) => (each.holds === "people" ? [{ name: each.title.replace(`${sheet.name} `, ""), index }] : []));
    return {
      stages,
      blocks: c.blocks.map((window, index) => {
        const [comes, passes] = [within(sheet.tables[0]!, window), within(sheet.tables[1]!, window)];
        const beside = post ? Math.max(0, ...steps(window.from_step, window.until_step).map((step) => crowdBeside(post.nodes, step))) : 0;
        return {
          index,
          window,
          come: sum(numbers(comes, allAt)),
          called: calledAt < 0 ? 0 : sum(numbers(comes, calledAt)),
          most: post && post.nodes.length > 0 ? crowdIn(post.nodes, window.from_step, window.until_step, false).people : 0,
          beside,
          pass: stages.map((stage) => sum(numbers(passes, stage.index))),
          attack: post ? attacks(post.nodes, index).best : 0,
        };
      }),
    };
  }, [sheet, moving.value]);
  const shown = rows.blocks.filter((row) => row.come + row.called + row.most + sum(row.pass) > 0);
  if (shown.length < 2) return null;
  return (
    <>
      <h4>{strings.orders.byBlock}</h4>
      <table class="by-block" id="gate-by-block">
        <thead>
          <tr>
            <th scope="col">{words.hours}</th>
            {[words.come, words.called, words.most, words.bystanders, ...rows.stages.map((stage) => strings.orders.passes(stage.name)), words.chance].map((each) => (
              <th scope="col" class="number" key={each}>{each}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.index} class={row.index === at ? "chosen" : ""}>
              <th scope="row">
                <button type="button" onClick={() => (chosenBlock.value = row.index)}>{blockWords(row.window)}</button>
              </th>
              {[row.come, row.called, row.most, row.beside, ...row.pass].map((people, place) => (
                <td class="number" key={place}>{people === 0 ? strings.left.nobody : count(people)}</td>
              ))}
              <td class="number">{row.attack > 0 ? percent(chance(row.attack)) : strings.left.nobody}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function steps(from: number, until: number): number[] {
  return Array.from({ length: until - from }, (_, index) => from + index);
}

function crowdBeside(nodes: number[], step: number): number {
  return nodes.reduce((all, node) => all + (data().nodes[node]!.bystanders.find(([from, until]) => from! <= step && step < until!)?.[2] ?? 0), 0);
}

function hourStart(step: number): number {
  const { hours, start, end, steps: all } = data();
  const time = start + ((end - start) * step) / all;
  return hours.filter((hour) => hour <= time).pop() ?? start;
}
