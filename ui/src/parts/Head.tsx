import { dark, data, head, local, planIndex, report, choose, moving } from "../state";
import { amount, chance, count, hours, percent, percentUp } from "../format";
import { strings } from "../strings";
import { attacks, gateRisks, type PlaceRisk } from "../risk";
import { equallyScarce, limitWords, ties } from "./Limits";
import { printPage } from "./PrintSheets";

export function Head() {
  const c = data();
  const plan = head();
  const plans = report.value!.plans;
  const left = plan.left_people;
  return (
    <header>
      <div class="top">
        <div>
          <h1>{c.title}</h1>
          <p class="muted">
            {strings.head.asOf(local().short(c.as_of), c.zone)} {strings.head.span(local().short(c.start), local().short(c.end), local().short(c.deadline))}
          </p>
          {report.value!.about.map((each) => <p class="notice" key={each}>{each}</p>)}
        </div>
        <div class="tools no-print">
          {plans.length > 1 && (
            <label>
              {report.value!.front ? strings.head.plan : strings.head.rateLabel}{" "}
              <select
                id="plan-choice"
                value={String(planIndex.value)}
                onChange={(event) => void choose(Number(event.currentTarget.value))}
              >
                {plans.map((_, index) => (
                  <option value={String(index)} key={index}>
                    {planName(index)}
                  </option>
                ))}
              </select>
            </label>
          )}
          <button type="button" aria-pressed={dark.value} onClick={() => (dark.value = !dark.value)}>
            {dark.value ? strings.head.day : strings.head.night}
          </button>
          <button type="button" onClick={() => printPage("gates")}>
            {strings.head.print}
          </button>
        </div>
      </div>
      <p class="first" id="first-line">
        <strong class="out-ink" id="people-out" data-figure="people">{strings.head.out(count(plan.summary.people), count(c.people))}</strong>{" "}
        <strong class={left > 0 ? "left-ink" : ""} id="people-left">{left > 0 ? strings.head.left(count(left)) : strings.head.nobodyLeft}</strong>
      </p>
      {left > 0 && <p class="lead" id="lead">{lead()}</p>}
      <p class="muted">
        {strings.head.rateLabel} {rateWords(plan.rate)}: {strings.head.rate(rateWords(plan.rate))}.{plan.summary.harm_view === "worst" && ` ${strings.head.worst}`}
      </p>
      <Contents />
      <LeftBehind />
      <Cards />
    </header>
  );
}

/** Who is left behind and why: the two largest parties, and the others together. */
function lead(): string {
  const parties = head()
    .parties.map((party, index) => ({ ...party, name: data().parties[index]!.name }))
    .filter((party) => party.left > 0)
    .sort((a, b) => b.left - a.left);
  const told = parties.slice(0, 2).map(({ name, left, why }) => strings.head.leadOf(name, count(left), why));
  const rest = parties.slice(2).reduce((sum, { left }) => sum + left, 0);
  return strings.head.lead([...told, ...(rest > 0 ? [strings.head.leadMore(count(rest))] : [])].join(", "));
}

function rateWords(rate: string): string {
  return rate === "0" ? rate : amount(Number(rate));
}

/** A plan in the list of plans: its place on the front with what it reaches, or its exchange rate. */
function planName(index: number): string {
  const { front, plans } = report.value!;
  const at = front ? front.points.findIndex((point) => point.plan === index) : -1;
  const point = front?.points[at];
  return point ? strings.head.point(count(at + 1), amount(point.weighted_people), amount(point.harm)) : strings.head.rateShort(rateWords(plans[index]!.rate));
}

/** The sections of the page, to jump to. */
function Contents() {
  const several = report.value!.plans.length > 1 || report.value!.front;
  const names = (Object.keys(strings.sections) as (keyof typeof strings.sections)[]).filter(
    (name) => (name !== "flights" || data().flights.length > 0) && (name !== "plans" || several),
  );
  return (
    <nav class="no-print" aria-label={strings.contents}>
      {names.map((name) => (
        <a href={`#${name}`} key={name}>{strings.sections[name]}</a>
      ))}
    </nav>
  );
}

function LeftBehind() {
  const c = data();
  const plan = head();
  const rows = plan.parties
    .map((party, index) => ({ ...party, ...c.parties[index]! }))
    .sort((a, b) => b.left - a.left || b.people - a.people);
  const whole = rows.filter((row) => row.left === 0 && row.people > 0);
  const tied = equallyScarce();
  return (
    <section aria-labelledby="left-title">
      <h2 id="left-title">{strings.left.title}</h2>
      <table class="left" id="left-table">
        <thead>
          <tr>
            <th scope="col">{strings.left.group}</th>
            <th scope="col" class="number">{strings.left.of}</th>
            <th scope="col" class="number">{strings.left.out}</th>
            <th scope="col" class="number">{strings.left.left}</th>
            <th scope="col" class="bars"><span class="hidden">{strings.left.bar("", "")}</span></th>
            <th scope="col">{strings.left.why}</th>
          </tr>
        </thead>
        <tbody>
          {rows.filter((row) => row.left > 0).map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td class="number">{count(row.people)}</td>
              <td class="number">{count(row.out)}</td>
              <td class={row.left > 0 ? "number left-ink strong" : "number"}>{row.left > 0 ? count(row.left) : strings.left.nobody}</td>
              <td class="bars" aria-hidden="true">
                <span class="bar" style={{ inlineSize: `${(100 * row.people) / Math.max(...rows.map((each) => each.people))}%` }}>
                  <span class="bar-out" style={{ inlineSize: `${(100 * row.out) / Math.max(1, row.people)}%` }} />
                </span>
              </td>
              <td class="why">{row.why}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          {whole.length > 0 && (
            <tr>
              <td colSpan={6} class="others">
                {strings.left.others(whole.map((row) => `${row.name} ${count(row.people)}`).join(", "))}
              </td>
            </tr>
          )}
          <tr>
            <th scope="row">{strings.left.all}</th>
            <td class="number">{count(c.people)}</td>
            <td class="number">{count(plan.summary.people)}</td>
            <td class="number">{count(plan.left_people)}</td>
            <td class="bars" />
            <td />
          </tr>
        </tfoot>
      </table>
      {plan.left_people > 0 && tied.length > 1 && <p class="muted" id="left-tied">{strings.left.tied(tied.join(", "))}</p>}
    </section>
  );
}

/** The proof in one sentence. */
export function Proof() {
  const c = data();
  const plan = head();
  const { summary } = plan;
  const worst = summary.harm_view === "worst";
  const harm = (worst ? plan.harm_worst_case : null) ?? plan.harm.total;
  const people = `${amount(Number(summary.weighted_people))} ${strings.proof.unit(c.weighted)}`;
  const unit = Number(summary.exchange_rate) > 0 ? strings.proof.score(people, rateWords(plan.rate), amount(harm), worst) : strings.proof.unit(c.weighted);
  const value = <span data-figure="objective">{amount(Number(plan.summary.objective))}</span>;
  if (plan.bound == null || plan.gap == null) return <>{strings.proof.unknown}</>;
  if (plan.gap <= 0) {
    const [before, after] = strings.proof.best(unit);
    return <>{before} {value} {after}</>;
  }
  const [claim, stop] = strings.proof.sentence;
  const [reaches, most, end] = strings.proof.pieces(unit);
  return (
    <>
      <strong>{claim} <span data-figure="gap">{percentUp(plan.gap)}</span>{stop}</strong>{" "}
      {reaches} {value} {most} <span data-figure="bound">{amount(plan.bound)}</span>{end}
    </>
  );
}

function Cards() {
  const c = data();
  const plan = head();
  const limit = plan.limits[0];
  const missed = plan.summary.termination !== "optimal" && plan.tolerance != null && plan.gap != null && plan.gap > plan.tolerance;
  const high = plan.estimate?.variations.find(({ name }) => name === "all p90");
  const crowds = moving.value?.body.risk ?? [];
  const range = crowds.flatMap((risk) => risk.blocks).reduce<[number, number] | null>(
    (sum, { low, high }) => (sum === null || low == null || high == null ? null : [sum[0] + low, sum[1] + high]),
    crowds.length > 0 ? [0, 0] : null,
  );
  return (
    <div class="cards">
      <section class="card" aria-labelledby="card-proof">
        <h2 id="card-proof">{strings.proof.title}</h2>
        <p id="proof"><Proof /></p>
        {missed && <p class="warn">{strings.proof.missed(percentUp(plan.tolerance!))}</p>}
        <p>{strings.proof.harm(amount(plan.harm.total), amount(plan.harm.crowds), amount(plan.harm.waiting), amount(plan.harm.left_behind), amount(plan.harm_if_nobody_moves.total))}</p>
        {plan.harm_worst_case != null && <p id="worst-case">{strings.proof.worst(amount(plan.harm_worst_case), high === undefined ? null : amount(high.harm))}</p>}
        {(plan.estimate || (range && plan.harm.crowds > 0)) && (
          <p>
            <strong>{strings.proof.unsure}</strong> {plan.estimate?.level.at(-1)}{" "}
            {range && plan.harm.crowds > 0 && strings.proof.interval(amount(range[0]), amount(range[1]))}
          </p>
        )}
        <p class="muted">
          {c.weighted && strings.proof.weighted} {plan.mean_out_hours != null && strings.proof.mean(hours(plan.mean_out_hours))} {strings.proof.about}
        </p>
      </section>
      <section class="card" aria-labelledby="card-limit">
        <h2 id="card-limit">{strings.cards.limit}</h2>
        {limit ? (
          <ol class="short">
            {plan.limits.slice(0, 3).map((each, index) => (
              <li key={each.sentence}>{limitWords(each)} {ties(index) && <em>{strings.limits.tied}</em>}</li>
            ))}
          </ol>
        ) : (
          <p>{strings.cards.noLimit}</p>
        )}
      </section>
      <DangerCard />
    </div>
  );
}

function chanceWords(place: PlaceRisk): string {
  const { best, low, high } = attacks(place.nodes, place.worst);
  const interval = low === null || high === null ? "" : strings.orders.interval(percent(chance(low)), percent(chance(high)));
  if (best <= 0) {
    return "";
  }
  // Most casualties and the likeliest attack need not be in the same hours: a planner must know both.
  const all = place.blocks.map((_, block) => attacks(place.nodes, block).best);
  const peak = all.indexOf(Math.max(...all));
  const block = data().blocks[peak];
  const likeliest = block && all[peak]! > best ? ` ${strings.cards.likeliest(local().span(block.from, block.until), percent(chance(all[peak]!)))}` : "";
  return strings.cards.chance(percent(chance(best)), interval) + likeliest;
}

function DangerCard() {
  const { gates, title } = gateRisks();
  const worst = gates[0];
  const block = worst && worst.worst >= 0 ? worst.blocks[worst.worst] : undefined;
  return (
    <section class="card" aria-labelledby="card-danger">
      <h2 id="card-danger">{title}</h2>
      {worst && block ? (
        <>
          <p class="big" id="worst-gate">{worst.name}</p>
          <p>
            <strong>{strings.cards.dangerWhen(local().span(data().blocks[worst.worst]!.from, data().blocks[worst.worst]!.until))}</strong>:{" "}
            {strings.cards.dangerWords(
              amount(block.harm),
              block.low === null || block.high === null ? "" : strings.orders.interval(amount(block.low), amount(block.high)),
              count(block.most),
            )}
          </p>
          <p>{chanceWords(worst)}</p>
          <p class="muted">
            {strings.cards.allHours(amount(worst.sum))}{" "}
            {gates.length > 1 && strings.cards.next(gates.slice(1, 3).map((gate) => `${gate.name} ${amount(gate.sum)}`).join(", "))}
          </p>
        </>
      ) : (
        <p>{moving.value === null ? strings.loading : strings.cards.noDanger}</p>
      )}
    </section>
  );
}
