import { amount, count } from "../format";
import { head, pointed } from "../state";
import { strings } from "../strings";

const SHOWN = 8;

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
                    <span class="limit-words">{limit.sentence}</span>
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
