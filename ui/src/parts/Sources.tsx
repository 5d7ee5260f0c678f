import { count } from "../format";
import { data, report } from "../state";
import { strings } from "../strings";
import { Proof } from "./Head";

/** Every doubt and every assumption with its source, and what happened later. */
export function Sources() {
  const c = data();
  const words = strings.sources;
  return (
    <section id="sources" aria-labelledby="sources-title">
      <h2 id="sources-title">{words.title}</h2>
      <p>
        <Proof /> {strings.proof.about} {strings.proof.checked}
      </p>
      <p>{words.use}</p>
      {c.notices.length === 0 ? (
        <p>{words.noNotices}</p>
      ) : (
        <details>
          <summary>{words.notices(count(c.notices.length))}</summary>
          <table>
            <thead><tr><th scope="col">{words.place}</th><th scope="col">{words.what}</th><th scope="col">{words.help}</th></tr></thead>
            <tbody>
              {c.notices.map((notice, index) => (
                <tr key={index}><th scope="row">{notice.place}</th><td>{notice.message}</td><td>{notice.help}</td></tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
      {c.assumptions.length === 0 ? (
        <p>{words.noAssumptions}</p>
      ) : (
        <details>
          <summary>{words.assumptions(count(c.assumptions.length))}</summary>
          <table id="assumptions">
            <thead>
              <tr>
                <th scope="col">{words.table}</th>
                <th scope="col" class="number">{words.rows}</th>
                <th scope="col">{words.about}</th>
                <th scope="col">{words.certainty}</th>
                <th scope="col">{words.source}</th>
              </tr>
            </thead>
            <tbody>
              {c.assumptions.map((each, index) => (
                <tr key={index}>
                  <th scope="row">{each.table}</th>
                  <td class="number">{count(each.rows)}</td>
                  <td>{each.of.join("; ")}{each.rows > each.of.length && ` ${words.and(count(each.rows - each.of.length))}`}</td>
                  <td>{each.certainty}</td>
                  <td>{each.source}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
      {c.history.length > 0 && (
        <details>
          <summary>{words.history(count(c.history.length))}</summary>
          <p class="muted">{strings.out.historyNote}</p>
          <table>
            <thead>
              <tr>
                <th scope="col">{words.date}</th>
                <th scope="col">{words.what}</th>
                <th scope="col" class="number">{words.figure}</th>
                <th scope="col">{words.source}</th>
                <th scope="col">{words.mark}</th>
              </tr>
            </thead>
            <tbody>
              {c.history.map((row, index) => (
                <tr key={index}><th scope="row">{row.date}</th><td>{row.what}</td><td class="number">{row.figure}</td><td>{row.source}</td><td>{row.mark}</td></tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
      <p class="muted">{words.version(report.value!.version, c.digest.slice(0, 16))}</p>
    </section>
  );
}
