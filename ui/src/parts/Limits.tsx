import { amount, count } from "../format";
import type { LimitData } from "../generated/report";
import { data, head, pointed } from "../state";
import { strings } from "../strings";

const SHOWN = 8;

/** The program's sentence; how its effect is known stands in words instead of in brackets. */
export function limitWords(limit: LimitData): string {
  const sentence = limit.sentence.replace(/ \[[^\]]*\]$/, "");
  return limit.confirmed == null ? `${sentence}.` : `${sentence}; ${strings.limits.confirmed(amount(limit.confirmed))}.`;
}

/** Whether a limit is worth as much as the one before it, as far as the page tells. */
export function ties(index: number): boolean {
  const limits = head().limits;
  return index > 0 && amount(limits[index]!.effect) === amount(limits[index - 1]!.effect);
}

/** The links that are worth most, where they are several and one figure is told of them. */
export function equallyScarce(): string[] {
  const limits = head().limits;
  const end = limits.findIndex((_, index) => index > 0 && !ties(index));
  const links = limits.slice(0, end < 0 ? limits.length : end).flatMap((limit) => limit.links);
  return [...new Set(links)].map((link) => data().links[link]!.name).filter((name) => name !== "");
}

export function Limits() {
  const limits = head().limits;
  const most = limits[0]?.effect ?? 1;
  return (
    <section id="limits" aria-labelledby="limits-title">
      <h2 id="limits-title">{strings.limits.title}</h2>
      {limits.length === 0 ? (
        <p>{strings.limits.none}</p>
      ) : (
        <>
          <p class="muted">{strings.limits.intro}</p>
          <ol class="limits">
            {limits.slice(0, SHOWN).map((limit, index) => {
              const on = () => (pointed.value = { links: limit.links, nodes: limit.nodes });
              const off = () => (pointed.value = null);
              return (
                <li key={index}>
                  <button type="button" class="limit" data-limit={index} onMouseEnter={on} onMouseLeave={off} onFocus={on} onBlur={off} onClick={on}>
                    <span class="limit-bar" style={{ inlineSize: `${(100 * limit.effect) / most}%` }} aria-hidden="true" />
                    <span class="limit-words">
                      {limitWords(limit)} {ties(index) && <em>{strings.limits.tied}</em>}
                    </span>
                    <span class="limit-worth">{amount(limit.effect)}</span>
                  </button>
                </li>
              );
            })}
          </ol>
          {limits.length > SHOWN && <p class="muted">{strings.limits.more(count(limits.length - SHOWN))}</p>}
        </>
      )}
    </section>
  );
}
