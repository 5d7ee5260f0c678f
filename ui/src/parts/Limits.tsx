import { amount, count } from "../format";
import type { LimitData } from "../generated/report";
import { head, pointed } from "../state";
import { strings } from "../strings";

const SHOWN = 8;

/** The program's sentence; how its effect is known stands in words instead of in brackets. */
export function limitWords(limit: LimitData): string {
  const sentence = limit.sentence.replace(/ \[[^\]]*\]$/, "");
  return limit.confirmed == null ? `${sentence}.` : `${sentence}; ${strings.limits.confirmed(amount(limit.confirmed))}.`;
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
                    <span class="limit-words">{limitWords(limit)}</span>
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
