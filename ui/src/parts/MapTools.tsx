import { count } from "../format";
import { drawnLinks, type Extent, extents, farHavens, LINKS_DRAWN, positions } from "../mapData";
import { data, moving } from "../state";
import { strings } from "../strings";

/** Buttons for what the map shows. */
export function Extents({ choose }: { choose: (extent: Extent) => void }) {
  const c = data();
  const zooms = extents(c);
  const far = farHavens(c, positions(c));
  return (
    <>
      {zooms.length > 1 &&
        zooms.map((extent) => (
          <button type="button" key={extent} onClick={() => choose(extent)}>
            {strings.map.extents[extent]}
          </button>
        ))}
      {far > 0 && <span class="muted">{strings.map.elsewhere(count(far))}</span>}
    </>
  );
}

/** Says where not every link is drawn. */
export function Thinned({ moved }: { moved: boolean }) {
  const c = data();
  if (c.links.length <= LINKS_DRAWN) return null;
  const drawn = drawnLinks(c, moving.value!).length;
  return <p class="notice thinned">{strings.map.thinned(count(drawn), count(c.links.length))} {moved && strings.map.thinnedMoved}</p>;
}
