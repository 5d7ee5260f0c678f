import { useState } from "preact/hooks";
import { amount, chance, count, percent } from "../format";
import { attacks, placeRisks, valueOf, type PlaceRisk } from "../risk";
import { block, blockWords, data, head, local, setPoint, view } from "../state";
import { strings } from "../strings";
import { dangerShade } from "../theme";
import { ViewChoice } from "./MapAndNow";

const SHOWN = 10;
type What = "harm" | "chance";

/** Danger by place and six-hour block, with its range. */
export function DangerTable() {
  const [what, setWhat] = useState<What>("harm");
  const [all, setAll] = useState(false);
  const c = data();
  const places = placeRisks();
  const shown = all ? places : places.slice(0, SHOWN);
  const rest = places.slice(shown.length);
  const now = view.value;
  const cell = (place: PlaceRisk, index: number): number | null => {
    if (what === "harm") return place.blocks[index] ? valueOf(place.blocks[index], now) : 0;
    const { best, low, high } = attacks(place.nodes, index);
    const expected = valueOf({ harm: best, low, high }, now);
    return expected === null ? null : chance(expected);
  };
  const words = what === "harm" ? amount : percent;
  // Shades mean the same for every estimate: they are measured against the largest high one.
  const most = Math.max(
    1e-12,
    ...places.flatMap((place) =>
      place.blocks.map((risk, index) => {
        if (what === "harm") return Math.max(risk?.harm ?? 0, risk?.high ?? 0);
        const { best, high } = attacks(place.nodes, index);
        return chance(Math.max(best, high ?? 0));
      }),
    ),
  );
  const days = c.blocks.reduce<{ day: string; blocks: number }[]>((found, each) => {
    const day = local().date(each.from);
    const last = found[found.length - 1];
    if (last?.day === day) last.blocks += 1;
    else found.push({ day, blocks: 1 });
    return found;
  }, []);
  const whatWords = what === "harm" ? strings.danger.harm : strings.danger.chance;
  return (
    <section id="danger" aria-labelledby="danger-title">
      <h2 id="danger-title">{strings.danger.title}</h2>
      <div class="harm-and-estimate">
        <HarmTable />
        <Estimate />
      </div>
      {places.length === 0 ? (
        <p>{strings.danger.none}</p>
      ) : (
        <>
          <p class="muted">{strings.danger.intro}</p>
          <div class="row no-print">
            <fieldset class="choice">
              <legend>{strings.danger.what}</legend>
              {(["harm", "chance"] as const).map((value) => (
                <label key={value}>
                  <input type="radio" name="danger-what" checked={what === value} onChange={() => setWhat(value)} /> {strings.danger[value]}
                </label>
              ))}
            </fieldset>
            <ViewChoice name="danger-view" />
          </div>
          <table class="danger" id="danger-table">
            <caption>
              {strings.danger.caption(
                whatWords,
                strings.danger[now],
              )}
            </caption>
            <thead>
              <tr>
                <th scope="col" rowSpan={2}>{strings.danger.place}</th>
                {days.map(({ day, blocks }) => (
                  <th scope="colgroup" colSpan={blocks} key={day} class="day">{blocks > 1 ? day : day.split(" ")[1]}</th>
                ))}
                <th scope="col" rowSpan={2} class="number">{strings.danger.sum}</th>
              </tr>
              <tr>
                {c.blocks.map((each, index) => (
                  <th scope="col" key={each.from} class={index === block.value ? "at now-column" : "at"}>
                    <button type="button" aria-label={strings.danger.goTo(blockWords(each))} onClick={() => setPoint(each.from_step)}>
                      {local().clock(each.from).slice(0, 2)}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((place) => (
                <tr key={place.name}>
                  <th scope="row">{place.name}</th>
                  {c.blocks.map((each, index) => {
                    const value = cell(place, index);
                    const risk = place.blocks[index];
                    const range = risk && risk.low !== null && risk.high !== null ? strings.danger.rangeOf(amount(risk.harm), amount(risk.low), amount(risk.high)) : strings.danger.noRange;
                    return (
                      <td
                        key={each.from}
                        class={index === block.value ? "shade now-column" : "shade"}
                        style={value === null ? {} : dangerShade(Math.sqrt(value / most))}
                        title={`${place.name}, ${blockWords(each)}: ${range}`}
                      >
                        {value === null ? "?" : value === 0 ? "·" : short(value, what)}
                      </td>
                    );
                  })}
                  <td class="number strong">
                    {what === "harm" ? amount(valueOf({ harm: place.sum, low: place.low, high: place.high }, now) ?? place.sum) : words(sumChance(place))}
                    {what === "harm" && place.low !== null && place.high !== null && (
                      <span class="range">{`${amount(place.low)} – ${amount(place.high)}`}</span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {(rest.length > 0 || all) && (
            <p class="row">
              {rest.length > 0 && <span class="muted">{strings.danger.more(count(rest.length), amount(rest.reduce((sum, place) => sum + place.sum, 0)))}</span>}
              <button type="button" class="no-print" onClick={() => setAll(!all)}>{all ? strings.danger.few : strings.danger.all}</button>
            </p>
          )}
        </>
      )}
    </section>
  );
}

/** Harm by what it comes from, beside what it would be if nobody moved. */
function HarmTable() {
  const { harm, harm_if_nobody_moves: idle, harm_worst_case: worst, summary } = head();
  const rows = [
    ["crowds", strings.harm.crowds, harm.crowds, idle.crowds],
    ["links", strings.harm.links, harm.links, idle.links],
    ["waiting", strings.harm.waiting, harm.waiting, idle.waiting],
    ["left_behind", strings.harm.left, harm.left_behind, idle.left_behind],
    ["total", strings.harm.all, harm.total, idle.total],
  ] as const;
  const bystanders = Number(summary.harm_to_bystanders ?? 0);
  return (
    <table class="harm" id="harm-table">
      <thead>
        <tr>
          <th scope="col">{strings.harm.title}</th>
          <th scope="col" class="number">{strings.harm.here}</th>
          <th scope="col" class="number">{strings.harm.idle}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, words, here, there]) => (
          <tr key={name} class={name === "total" ? "strong" : ""}>
            <th scope="row">{words}</th>
            <td class="number" data-figure={`harm.${name}`}>{amount(here)}</td>
            <td class="number">{amount(there)}</td>
          </tr>
        ))}
        {worst != null && (
          <tr>
            <th scope="row">{strings.harm.worst}</th>
            <td class="number" data-figure="harm_worst_case">{amount(worst)}</td>
            <td class="number">{strings.left.nobody}</td>
          </tr>
        )}
        {bystanders > 0 && (
          <tr>
            <th scope="row">{strings.harm.bystanders}</th>
            <td class="number" data-figure="harm_to_bystanders">{amount(bystanders)}</td>
            <td class="number">{strings.harm.whoever}</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** How the danger was estimated, and what other judgements make of the plan. */
function Estimate() {
  const { estimate } = head();
  if (!estimate) return null;
  return (
    <div class="estimate">
      <h3>{strings.harm.estimated(estimate.from)}</h3>
      {estimate.level.map((each) => <p key={each}>{each}</p>)}
      <p class="muted">{estimate.rates}</p>
      <table id="estimate-table">
        <caption>{strings.harm.variations}</caption>
        <thead>
          <tr><th scope="col">{strings.harm.judgement}</th><th scope="col" class="number">{strings.harm.title}</th></tr>
        </thead>
        <tbody>
          {estimate.variations.map(({ name, harm }) => (
            <tr key={name}><th scope="row">{strings.harm.judgements[name] ?? name}</th><td class="number">{amount(harm)}</td></tr>
          ))}
        </tbody>
      </table>
      <p>{estimate.choice} {estimate.note}</p>
    </div>
  );
}

/** The chance of an attack at a place over the whole plan. */
function sumChance(place: PlaceRisk): number {
  const expected = place.blocks.map((_, index) => {
    const { best, low, high } = attacks(place.nodes, index);
    return valueOf({ harm: best, low, high }, view.value) ?? best;
  });
  return chance(expected.reduce((sum, each) => sum + each, 0));
}

/** Two digits that fit a narrow cell. */
function short(value: number, what: What): string {
  const shown = what === "chance" ? value * 100 : value;
  if (shown < 0.005) return "+";
  if (shown < 1) return shown.toFixed(2).replace(/^0/, "");
  return shown < 10 ? shown.toFixed(1) : shown.toFixed(0);
}
