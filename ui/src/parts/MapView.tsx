import { effect } from "@preact/signals";
import type * as GeoJSON from "geojson";
import maplibregl from "maplibre-gl";
import { useEffect, useRef, useState } from "preact/hooks";
import { addBaseMap } from "../baseMap";
import { count } from "../format";
import {
  bounds,
  collection,
  drawnLinks,
  extents,
  hasName,
  linkLines,
  positions,
  twoParts,
} from "../mapData";
import { ClockLayer, type Crowd, type Screen } from "../clockLayer";
import { dark, data, layers, moving, pointed } from "../state";
import { strings } from "../strings";
import { colours } from "../theme";
import { Extents, Thinned } from "./MapTools";

const wide: maplibregl.ExpressionSpecification = ["interpolate", ["linear"], ["zoom"], 8, 0.8, 13, 2, 16, 4];

const names = ["all", "rest", "places"] as const;

/** The map: a base without any network, everything drawn from the case itself. */
export function MapView() {
  const place = useRef<HTMLDivElement>(null);
  const map = useRef<maplibregl.Map | null>(null);
  const [trouble, setTrouble] = useState("");
  const c = data();
  const where = positions(c);

  useEffect(() => {
    const made = new maplibregl.Map({
      container: place.current!,
      style: style(),
      bounds: bounds(c, where, extents(c)[0]!),
      fitBoundsOptions: { padding: 48 },
      attributionControl: false,
      renderWorldCopies: false,
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
      cooperativeGestures: true,
      // The canvas of crowds above it knows shifting and scaling alone.
      maxPitch: 0,
      touchPitch: false,
    });
    made.touchZoomRotate.disableRotation();
    made.keyboard.disableRotation();
    map.current = made;
    made.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    made.addControl(new maplibregl.ScaleControl({}), "bottom-left");
    made.getCanvas().setAttribute("aria-label", strings.map.label);
    const stops: (() => void)[] = [];
    made.once("load", () => stops.push(...follow(made)));
    const people = new ClockLayer(made.getCanvasContainer(), () => moving.value!, mercator, () => screenOf(made));
    stops.push(() => people.remove());
    made.on("render", () => people.draw());
    tooltips(made, people);
    // A layer that cannot be seen is not drawn: so a large map stays quick under the hand.
    made.on("movestart", () => made.setPaintProperty("rest-links", "line-opacity", 0));
    made.on("moveend", () => made.setPaintProperty("rest-links", "line-opacity", 1));
    return () => {
      stops.forEach((stop) => stop());
      made.remove();
      map.current = null;
    };
  }, []);

  return (
    <div class="map-frame">
      <div class="map" ref={place} />
      <div class="row no-print">
        <Extents choose={(extent) => map.current?.fitBounds(bounds(c, where, extent), { padding: 48, animate: false })} />
        <label class="file">
          {strings.map.baseMap}
          <input
            type="file"
            accept=".pmtiles"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              if (file && map.current) {
                addBaseMap(map.current, file).then(
                  () => setTrouble(""),
                  (error: unknown) => setTrouble(strings.map.baseMapFailed(error instanceof Error ? error.message : String(error))),
                );
              }
            }}
          />
        </label>
        {trouble && <span role="alert" class="warn">{trouble}</span>}
      </div>
      <Thinned moved />
    </div>
  );
}

const mercator = ([lng, lat]: [number, number]): [number, number] => {
  const { x, y } = maplibregl.MercatorCoordinate.fromLngLat({ lng, lat });
  return [x, y];
};

function screenOf(map: maplibregl.Map): Screen {
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const centre = map.getCenter();
  const [x, y] = mercator([centre.lng, centre.lat]);
  const scale = 512 * 2 ** map.getZoom();
  return { scale: [scale, scale], shift: [width / 2 - x * scale, height / 2 - y * scale], zoom: map.getZoom(), width, height };
}

/** Keeps the drawing at the clock, the plan and the colours; gives back how to stop. */
function follow(map: maplibregl.Map): (() => void)[] {
  const c = data();
  const where = positions(c);
  const set = (name: (typeof names)[number], of: GeoJSON.FeatureCollection): void => {
    map.getSource<maplibregl.GeoJSONSource>(name)?.setData(of);
  };
  const some = (links: number[]) => linkLines(c, links);
  set(
    "places",
    collection(
      c.nodes.flatMap((node, index) =>
        where[index] && hasName(node)
          ? [{ type: "Feature" as const, geometry: { type: "Point" as const, coordinates: where[index] }, properties: { name: shortName(node.name), rank: rank(node.kind) } }]
          : [],
      ),
    ),
  );
  return [
    effect(() => {
      const [all, rest] = twoParts(drawnLinks(c, moving.value!));
      set("all", some(all));
      set("rest", some(rest));
    }),
    effect(() => {
      const now = pointed.value;
      map.getContainer().dataset["pointed"] = now ? [...now.links.map((link) => c.links[link]!.id), ...now.nodes.map((node) => c.nodes[node]!.id)].join(" ") : "";
    }),
    effect(() => {
      map.setLayoutProperty("names", "visibility", layers.names.value ? "visible" : "none");
    }),
    effect(() => paint(map)),
  ];
}

function shortName(name: string): string {
  return name.replace(/ \(.*\)$/, "");
}

function rank(kind: string): number {
  return ["gate", "airfield", "haven", "holding", "assembly", "zone"].indexOf(kind);
}

function style(): maplibregl.StyleSpecification {
  const empty = { type: "geojson" as const, data: collection([]) };
  return {
    version: 8,
    sources: Object.fromEntries(names.map((name) => [name, empty])),
    layers: [
      { id: "ground", type: "background", paint: {} },
      { id: "all-links", type: "line", source: "all", paint: { "line-width": wide } },
      { id: "rest-links", type: "line", source: "rest", paint: { "line-width": wide } },
      {
        id: "names",
        type: "symbol",
        source: "places",
        layout: {
          "text-field": ["get", "name"],
          "text-font": ["sans-serif"],
          "text-size": 13,
          "text-anchor": "top",
          "text-offset": [0, 0.6],
          "text-max-width": 9,
          "symbol-sort-key": ["get", "rank"],
        },
        paint: { "text-halo-width": 1.6 },
      },
    ],
  };
}

function paint(map: maplibregl.Map): void {
  const c = colours();
  void dark.value;
  const set = (layer: string, name: string, value: string) => map.setPaintProperty(layer, name as "circle-color", value);
  set("ground", "background-color", c.ground);
  set("all-links", "line-color", c.link);
  set("rest-links", "line-color", c.link);
  set("names", "text-color", c.ink);
  set("names", "text-halo-color", c.ground);
}

/** Names and numbers of what lies under the pointer. */
function tooltips(map: maplibregl.Map, people: ClockLayer): void {
  const popup = new maplibregl.Popup({ closeButton: false, closeOnClick: false, maxWidth: "20rem" });
  let waiting = false;
  map.on("mousemove", (event) => {
    // Looking up what is there costs time on a large map: not while it moves, and once for each frame.
    if (waiting || map.isMoving()) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      tell(event);
    });
  });
  const tell = (event: maplibregl.MapMouseEvent) => {
    const words = wordsAt(map, people.at(event.point.x, event.point.y), event);
    if (words === null) popup.remove();
    else popup.setLngLat(event.lngLat).setText(words).addTo(map);
  };
  map.on("mouseout", () => popup.remove());
}

function wordsAt(map: maplibregl.Map, crowd: Crowd | null, { point }: maplibregl.MapMouseEvent): string | null {
  const c = data();
  if (crowd !== null) {
    const { name, capacity } = c.nodes[crowd.node]!;
    return strings.map.crowd(name, count(crowd.people), count(crowd.all - crowd.people), capacity == null ? "" : count(capacity));
  }
  const found = map.queryRenderedFeatures(point, { layers: ["all-links", "rest-links"] })[0];
  const link = found?.properties["link"] as number | undefined;
  return link === undefined ? null : c.links[link]!.name;
}
