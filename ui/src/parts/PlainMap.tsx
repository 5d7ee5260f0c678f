import type * as GeoJSON from "geojson";
import { useMemo } from "preact/hooks";
import { bounds, closedLinks, crowds, danger, drawnLinks, linkLines, positions } from "../mapData";
import { block, data, moving, pointed, step, timeAt, view } from "../state";
import { strings } from "../strings";
import { colours } from "../theme";
import { Chart } from "./Chart";
import { layers } from "./MapAndNow";

type Line = { coords: number[][] };

/** The map without WebGL: the chart library draws the same places and links. */
export function PlainMap() {
  const c = data();
  const where = useMemo(() => positions(c), [c]);
  const plan = moving.value!;
  const [[west, south], [east, north]] = bounds(c, where, "area");
  const tall = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const lines = (links: number[]): Line[] =>
    linkLines(c, where, links).features.map((each) => ({ coords: (each.geometry as GeoJSON.LineString).coordinates }));
  const points = (of: GeoJSON.FeatureCollection) => of.features.filter((each) => each.geometry.type === "Point");
  const all = useMemo(() => lines(drawnLinks(c, plan)), [plan]);
  const k = colours();
  const segments = (id: string, of: Line[], color: string, width: number, dash = false) => ({
    id,
    type: "line",
    data: of.flatMap(({ coords }) => [...coords, [null, null]]),
    lineStyle: { color, width, type: dash ? "dashed" : "solid" },
    showSymbol: false,
    silent: true,
    connectNulls: false,
  });
  const option = {
    grid: { left: 8, right: 8, top: 8, bottom: 8 },
    xAxis: { type: "value", min: west - 0.01, max: east + 0.01, show: false },
    yAxis: { type: "value", min: south - 0.01 * tall, max: north + 0.01 * tall, show: false },
    series: [
      segments("links", all, k.link, 1.2),
      {
        id: "danger",
        type: "scatter",
        silent: true,
        data: layers.danger.value
          ? points(danger(plan, where, block.value, view.value)).map((each) => ({
              value: (each.geometry as GeoJSON.Point).coordinates,
              itemStyle: { color: k.danger, opacity: 0.6 * Number(each.properties!["share"]) },
            }))
          : [],
        symbolSize: 40,
      },
      segments("closed", lines(closedLinks(c, timeAt(step.value))), k.closed, 4, true),
      segments("pointed", lines(pointed.value?.links ?? []), k.pointed, 8),
      {
        id: "crowds",
        type: "scatter",
        data: points(crowds(c, where, plan, step.value)).map((each) => ({
          value: (each.geometry as GeoJSON.Point).coordinates,
          name: c.nodes[Number(each.properties!["node"])]!.name,
          symbolSize: 0.84 * Math.sqrt(Number(each.properties!["all"])),
        })),
        itemStyle: { color: k.crowd, opacity: 0.6 },
      },
    ],
  };
  return (
    <div data-pointed={(pointed.value?.links ?? []).map((link) => c.links[link]!.id).join(" ")} class="plain-map">
      <Chart option={option} height={520} label={strings.map.label} />
    </div>
  );
}
