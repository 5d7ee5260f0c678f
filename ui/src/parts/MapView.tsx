import { effect } from "@preact/signals";
import type * as GeoJSON from "geojson";
import maplibregl from "maplibre-gl";
import { useEffect, useRef, useState } from "preact/hooks";
import { addBaseMap } from "../baseMap";
import { count } from "../format";
import {
  bounds,
  closedLinks,
  collection,
  crowds,
  danger,
  drawnLinks,
  type Extent,
  farHavens,
  LINKS_DRAWN,
  linkLines,
  people,
  positions,
  twoParts,
} from "../mapData";
import { block, dark, data, moving, point, pointed, step, timeAt, view } from "../state";
import { strings } from "../strings";
import { colours } from "../theme";
import { layers } from "./MapAndNow";

/** Radius in pixels of a crowd of so many people: the area is the number. */
const radius = (property: string): maplibregl.ExpressionSpecification => ["*", 0.36, ["sqrt", ["get", property]]];

const wide: maplibregl.ExpressionSpecification = ["interpolate", ["linear"], ["zoom"], 8, 0.8, 13, 2, 16, 4];

const names = ["all", "rest", "danger", "closed", "pointed", "crowds", "people", "places"] as const;

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
      bounds: bounds(c, where, c.nodes.filter((node) => node.kind === "gate" && node.at).length > 1 ? "gates" : "area"),
      fitBoundsOptions: { padding: 48 },
      attributionControl: false,
      renderWorldCopies: false,
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
      cooperativeGestures: true,
    });
    map.current = made;
    made.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    made.addControl(new maplibregl.ScaleControl({}), "bottom-left");
    made.getCanvas().setAttribute("aria-label", strings.map.label);
    const stops: (() => void)[] = [];
    made.once("load", () => stops.push(...follow(made)));
    tooltips(made);
    // A layer that cannot be seen is not drawn: so a large map stays quick under the hand.
    made.on("movestart", () => made.setPaintProperty("rest-links", "line-opacity", 0));
    made.on("moveend", () => made.setPaintProperty("rest-links", "line-opacity", 1));
    return () => {
      stops.forEach((stop) => stop());
      made.remove();
      map.current = null;
    };
  }, []);

  const far = farHavens(c, where);
  const gates = c.nodes.filter((node) => node.kind === "gate" && node.at).length > 1;
  const zooms: Extent[] = [...(gates ? (["gates"] as const) : []), "area", ...(far > 0 ? (["world"] as const) : [])];
  const thinned = c.links.length > LINKS_DRAWN;
  return (
    <div class="map-frame">
      <div class="map" ref={place} />
      <div class="row no-print">
        {zooms.length > 1 &&
          zooms.map((extent) => (
            <button type="button" key={extent} onClick={() => map.current?.fitBounds(bounds(c, where, extent), { padding: 48, animate: false })}>
              {strings.map.extents[extent]}
            </button>
          ))}
        {far > 0 && <span class="muted">{strings.map.elsewhere(count(far))}</span>}
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
      {thinned && <p class="notice">{strings.map.thinned(count(drawnLinks(c, moving.value!).length), count(c.links.length))}</p>}
    </div>
  );
}

/** Keeps the drawing at the clock, the plan and the colours; gives back how to stop. */
function follow(map: maplibregl.Map): (() => void)[] {
  const c = data();
  const where = positions(c);
  const set = (name: (typeof names)[number], of: GeoJSON.FeatureCollection): void => {
    map.getSource<maplibregl.GeoJSONSource>(name)?.setData(of);
  };
  const some = (links: number[]) => linkLines(c, where, links);
  const show = (layer: string, on: boolean) => map.setLayoutProperty(layer, "visibility", on ? "visible" : "none");
  set(
    "places",
    collection(
      c.nodes.flatMap((node, index) =>
        where[index] && node.kind !== "junction"
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
    effect(() => set("crowds", crowds(c, where, moving.value!, step.value))),
    effect(() => set("people", layers.people.value ? people(c, where, moving.value!, point.value) : collection([]))),
    effect(() => set("danger", danger(moving.value!, where, block.value, view.value))),
    effect(() => set("closed", some(closedLinks(c, timeAt(step.value))))),
    effect(() => {
      const now = pointed.value;
      const places = (now?.nodes ?? []).flatMap((node) =>
        where[node] ? [{ type: "Feature" as const, geometry: { type: "Point" as const, coordinates: where[node] }, properties: {} }] : [],
      );
      set("pointed", collection([...some(now?.links ?? []).features, ...places]));
      map.getContainer().dataset["pointed"] = now ? [...now.links.map((link) => c.links[link]!.id), ...now.nodes.map((node) => c.nodes[node]!.id)].join(" ") : "";
    }),
    effect(() => {
      show("danger-glow", layers.danger.value);
      show("danger-lines", layers.danger.value);
      show("names", layers.names.value);
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
      { id: "all-links", type: "line", source: "all", layout: { "line-cap": "round" }, paint: { "line-width": wide } },
      { id: "rest-links", type: "line", source: "rest", layout: { "line-cap": "round" }, paint: { "line-width": wide } },
      {
        id: "danger-lines",
        type: "line",
        source: "danger",
        filter: ["==", ["geometry-type"], "LineString"],
        layout: { "line-cap": "round" },
        paint: { "line-width": 9, "line-blur": 4, "line-opacity": ["*", 0.75, ["get", "share"]] },
      },
      {
        id: "danger-glow",
        type: "circle",
        source: "danger",
        filter: ["==", ["geometry-type"], "Point"],
        paint: {
          "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, ["*", 44, ["get", "share"]], 12, ["*", 110, ["get", "share"]], 15, ["*", 240, ["get", "share"]]],
          "circle-blur": 0.6,
          "circle-opacity": ["+", 0.15, ["*", 0.6, ["get", "share"]]],
        },
      },
      { id: "closed", type: "line", source: "closed", paint: { "line-width": 4, "line-dasharray": [1.2, 1] } },
      {
        id: "pointed-links",
        type: "line",
        source: "pointed",
        filter: ["==", ["geometry-type"], "LineString"],
        layout: { "line-cap": "round" },
        paint: { "line-width": 12, "line-opacity": 0.85 },
      },
      {
        id: "crowd-limits",
        type: "circle",
        source: "crowds",
        filter: [">", ["get", "limit"], 0],
        paint: { "circle-radius": radius("limit"), "circle-opacity": 0, "circle-stroke-width": 1.5 },
      },
      { id: "crowds-all", type: "circle", source: "crowds", paint: { "circle-radius": radius("all"), "circle-opacity": 0.12, "circle-stroke-width": 1 } },
      { id: "crowds", type: "circle", source: "crowds", paint: { "circle-radius": radius("people"), "circle-opacity": 0.6 } },
      {
        id: "people",
        type: "circle",
        source: "people",
        paint: { "circle-radius": ["max", 2.5, ["*", 0.8, ["sqrt", ["get", "people"]]]], "circle-stroke-width": 1 },
      },
      {
        id: "pointed-places",
        type: "circle",
        source: "pointed",
        filter: ["==", ["geometry-type"], "Point"],
        paint: { "circle-radius": 18, "circle-opacity": 0, "circle-stroke-width": 6 },
      },
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
  set("danger-lines", "line-color", c.danger);
  set("danger-glow", "circle-color", c.danger);
  set("closed", "line-color", c.closed);
  set("pointed-links", "line-color", c.pointed);
  set("pointed-places", "circle-stroke-color", c.pointed);
  set("crowd-limits", "circle-stroke-color", c.ink);
  set("crowds-all", "circle-color", c.crowd);
  set("crowds-all", "circle-stroke-color", c.crowd);
  set("crowds", "circle-color", c.crowd);
  set("people", "circle-color", c.moving);
  set("people", "circle-stroke-color", c.ground);
  set("names", "text-color", c.ink);
  set("names", "text-halo-color", c.ground);
}

/** Names and numbers of what lies under the pointer. */
function tooltips(map: maplibregl.Map): void {
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
    const found = map.queryRenderedFeatures(event.point, { layers: ["crowds-all", "closed", "all-links", "rest-links"] })[0];
    if (!found) {
      popup.remove();
      return;
    }
    const c = data();
    const { node, link, people, all } = found.properties as { node?: number; link?: number; people?: number; all?: number };
    const words =
      node !== undefined
        ? `${c.nodes[node]!.name}: ${count(people ?? 0)}${(all ?? 0) > (people ?? 0) ? ` + ${count((all ?? 0) - (people ?? 0))}` : ""}`
        : c.links[link!]!.name;
    popup.setLngLat(event.lngLat).setText(words).addTo(map);
  };
  map.on("mouseout", () => popup.remove());
}
