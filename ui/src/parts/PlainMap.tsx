import type * as GeoJSON from "geojson";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ClockLayer, type Screen } from "../clockLayer";
import { bounds, drawnLinks, type Extent, extents, hasName, linkLines, positions } from "../mapData";
import { dark, data, layers, moving, pointed } from "../state";
import { strings } from "../strings";
import { colours } from "../theme";
import { Chart } from "./Chart";
import { Extents, Thinned } from "./MapTools";

const HEIGHT = 560;
/** Part of the extent that is left free around it. */
const MARGIN = 0.06;

/** The map without WebGL: the chart library draws the same places and links, and crowds and people lie above it as on the other map. */
export function PlainMap() {
  const c = data();
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [extent, setExtent] = useState<Extent>(extents(c)[0]!);
  const frame = useMemo(() => frameOf(bounds(c, positions(c), extent), width), [width, extent]);
  const latest = useRef(frame);
  latest.current = frame;
  const people = useRef<ClockLayer | null>(null);
  useEffect(() => {
    const measure = () => setWidth(place.current!.clientWidth);
    measure();
    const sized = new ResizeObserver(measure);
    sized.observe(place.current!);
    const layer = new ClockLayer(place.current!, () => moving.value!, (at) => at, () => screenOf(latest.current));
    people.current = layer;
    return () => {
      sized.disconnect();
      layer.remove();
    };
  }, []);
  useEffect(() => people.current?.draw(), [frame]);
  const option = useMemo(() => mapOption(frame), [frame, moving.value, layers.names.value, dark.value]);
  const now = pointed.value;
  return (
    <>
      <div
        data-pointed={[...(now?.links ?? []).map((link) => c.links[link]!.id), ...(now?.nodes ?? []).map((node) => c.nodes[node]!.id)].join(" ")}
        class="plain-map"
        ref={place}
      >
        {width > 0 && <Chart option={option} height={HEIGHT} label={strings.map.label} />}
      </div>
      <div class="row no-print">
        <Extents choose={setExtent} />
      </div>
      <Thinned moved={false} />
    </>
  );
}

/** What is shown, in degrees. */
interface Frame {
  west: number;
  east: number;
  south: number;
  north: number;
  width: number;
}

/** The extent with its margin, made as wide or as tall as the place is, with as many metres to a pixel either way. */
function frameOf([[west, south], [east, north]]: ReturnType<typeof bounds>, width: number): Frame {
  const shrink = Math.max(0.1, Math.cos((((south + north) / 2) * Math.PI) / 180));
  const [wide, tall] = [(east - west) * shrink || 0.01, north - south || 0.01];
  const degreesToPixel = (1 + 2 * MARGIN) * Math.max(wide / Math.max(1, width), tall / HEIGHT);
  const [x, y] = [(west + east) / 2, (south + north) / 2];
  const [halfX, halfY] = [(degreesToPixel * width) / 2 / shrink, (degreesToPixel * HEIGHT) / 2];
  return { west: x - halfX, east: x + halfX, south: y - halfY, north: y + halfY, width };
}

function screenOf({ west, east, south, north, width }: Frame): Screen | null {
  if (width === 0) return null;
  const scale: [number, number] = [width / (east - west), -HEIGHT / (north - south)];
  return { scale, shift: [-west * scale[0], -north * scale[1]], zoom: Math.log2((scale[0] * 360) / 512), width, height: HEIGHT };
}

function mapOption({ west, east, south, north }: Frame): Record<string, unknown> {
  const c = data();
  const where = positions(c);
  const k = colours();
  const lines = linkLines(c, drawnLinks(c, moving.value!)).features;
  const named = layers.names.value ? c.nodes.map((_, index) => index).filter((index) => where[index] && hasName(c.nodes[index]!)) : [];
  return {
    grid: { left: 0, right: 0, top: 0, bottom: 0 },
    xAxis: { type: "value", min: west, max: east, show: false },
    yAxis: { type: "value", min: south, max: north, show: false },
    series: [
      {
        id: "links",
        type: "line",
        data: lines.flatMap((each) => [...(each.geometry as GeoJSON.LineString).coordinates, [null, null]]),
        lineStyle: { color: k.link, width: 1.2 },
        showSymbol: false,
        silent: true,
        connectNulls: false,
        clip: true,
      },
      {
        id: "names",
        type: "scatter",
        silent: true,
        data: named.map((index) => ({ value: where[index], name: c.nodes[index]!.name.replace(/ \(.*\)$/, "") })),
        symbolSize: 4,
        itemStyle: { color: k.muted },
        label: { show: true, position: "bottom", formatter: "{b}", color: k.ink, fontSize: 13, textBorderColor: k.ground, textBorderWidth: 3 },
        labelLayout: { hideOverlap: true },
      },
    ],
  };
}
