import { bystandersAt, levelAt } from "../derive";
import { count } from "../format";
import { blockWords, block, closures, data, layers, local, moving, step, timeAt, view, type View } from "../state";
import { strings } from "../strings";
import { MapView } from "./MapView";
import { PlainMap } from "./PlainMap";

/** Crowds that are listed beside the map. */
const CROWDS = 9;

const canDraw = hasGraphics();

function hasGraphics(): boolean {
  if (new URLSearchParams(location.search).has("plain-map")) return false;
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}

export function MapAndNow() {
  return (
    <section id="map" aria-labelledby="map-title" tabindex={-1}>
      <h2 id="map-title">{strings.sections.map}</h2>
      <div class="map-and-now">
        <div class="map-side">
          {data().nodes.every((node) => node.at == null) ? (
            <p class="notice">{strings.map.noPositions}</p>
          ) : canDraw ? (
            <MapView />
          ) : (
            <>
              <p class="notice" id="no-graphics">{strings.map.noGraphics}</p>
              <PlainMap />
            </>
          )}
          <Legend />
        </div>
        <Now />
      </div>
    </section>
  );
}

export function ViewChoice({ name }: { name: string }) {
  const choices: [View, string][] = [
    ["low", strings.danger.low],
    ["best", strings.danger.best],
    ["high", strings.danger.high],
  ];
  return (
    <fieldset class="choice">
      <legend>{strings.danger.view}</legend>
      {choices.map(([value, words]) => (
        <label key={value}>
          <input type="radio" name={name} value={value} checked={view.value === value} onChange={() => (view.value = value)} /> {words}
        </label>
      ))}
    </fieldset>
  );
}

function Legend() {
  const words = strings.map.legend;
  return (
    <>
      <div class="legend">
        <span><i class="key crowd" />{words.crowd}</span>
        <span><i class="key room" />{words.limit}</span>
        <span><i class="key moving" />{words.moving}</span>
        <span><i class="key danger" />{words.danger}</span>
        <span><i class="key closed" />{words.closed}</span>
        <span><i class="key pointed" />{words.limitsIt}</span>
      </div>
      <div class="row no-print">
        <fieldset class="choice">
          <legend>{strings.map.layers}</legend>
          {([["people", strings.map.showPeople], ["danger", strings.map.showDanger], ["names", strings.map.showNames]] as const).map(([name, label]) => (
            <label key={name}>
              <input type="checkbox" checked={layers[name].value} onChange={(event) => (layers[name].value = event.currentTarget.checked)} /> {label}
            </label>
          ))}
        </fieldset>
        <ViewChoice name="map-view" />
      </div>
    </>
  );
}

/** What the map shows at this time, in words and numbers. */
function Now() {
  const c = data();
  const plan = moving.value!;
  const at = step.value;
  const time = timeAt(at);
  const called = levelAt(plan.called, at);
  const out = plan.out(at);
  const crowds = plan.peopled
    .map((index) => ({ node: c.nodes[index]!, people: levelAt(plan.held[index], at), bystanders: bystandersAt(c, index, at) }))
    .filter(({ node, people, bystanders }) => !node.safe && people + bystanders > 0)
    .sort((a, b) => b.people + b.bystanders - a.people - a.bystanders)
    .slice(0, CROWDS);
  const closed = closures.value;
  const left = time < c.deadline ? [] : leftThere();
  return (
    <aside class="now" aria-labelledby="now-title">
      <h3 id="now-title">{strings.now.title(`${local().date(time)} ${local().clock(time)}`)}</h3>
      <dl class="figures">
        <div><dt>{strings.now.home}</dt><dd id="now-home">{count(c.people - called)}</dd></div>
        <div><dt>{strings.now.moving}</dt><dd id="now-moving">{count(called - out)}</dd></div>
        <div class="out-ink"><dt>{strings.now.out}</dt><dd id="now-out">{count(out)}</dd></div>
      </dl>
      <h4>{strings.now.crowds}</h4>
      {crowds.length === 0 ? (
        <p>{strings.now.none}</p>
      ) : (
        <table id="now-crowds">
          <thead>
            <tr>
              <th scope="col">{strings.now.place}</th>
              <th scope="col" class="number">{strings.now.people}</th>
              <th scope="col" class="number">{strings.now.bystanders}</th>
              <th scope="col" class="number">{strings.now.limit}</th>
            </tr>
          </thead>
          <tbody>
            {crowds.map(({ node, people, bystanders }) => (
              <tr key={node.id} data-node={node.id}>
                <th scope="row">{node.name}</th>
                <td class="number">{count(people)}</td>
                <td class="number">{bystanders > 0 ? count(bystanders) : strings.left.nobody}</td>
                <td class="number">{node.capacity == null ? strings.left.nobody : count(node.capacity)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {left.length > 0 && <p id="now-left">{strings.now.leftThere(left.join(", "))}</p>}
      <h4>{strings.now.closed}</h4>
      {closed.length === 0 ? (
        <p>{strings.now.noneClosed}</p>
      ) : (
        <ul class="plain">
          {closed.slice(0, 6).map(({ link, people_per_hour }) => (
            <li key={link}>
              {c.links[link]!.name}
              {people_per_hour > 0 && `, ${strings.now.slower(count(people_per_hour))}`}
            </li>
          ))}
          {closed.length > 6 && <li>{strings.sources.and(count(closed.length - 6))}</li>}
        </ul>
      )}
      {plan.body.danger.length > 0 && <p class="muted">{strings.now.danger(blockWords(c.blocks[block.value]!))}</p>}
    </aside>
  );
}

/** Those who wait in a crowd and are never called out of it: where, how many, and who. */
function leftThere(): string[] {
  const c = data();
  const groups = moving.value!.body.left.map(({ group, people }) => ({ ...c.groups[group]!, left: people })).filter((group) => group.waits_there);
  return [...new Set(groups.map((group) => group.origin))].map((origin) => {
    const here = groups.filter((group) => group.origin === origin);
    const all = here.reduce((sum, { left }) => sum + left, 0);
    return strings.now.leftAt(c.nodes[origin]!.name, count(all), here.map(({ name, left }) => `${name} ${count(left)}`).join("; "));
  });
}
