// A base map that the user gives: a PMTiles file on this machine, read piece by piece, never uploaded.

import maplibregl from "maplibre-gl";
import { FileSource, PMTiles, Protocol, TileType } from "pmtiles";
import { colours } from "./theme";

let protocol: Protocol | null = null;

/** Lays the file under everything else. Raster tiles as they are; vector tiles as plain lines and areas, whatever their layers. */
export async function addBaseMap(map: maplibregl.Map, file: File): Promise<void> {
  const tiles = new PMTiles(new FileSource(file));
  const { tileType } = await tiles.getHeader();
  if (protocol === null) {
    protocol = new Protocol();
    maplibregl.addProtocol("pmtiles", protocol.tile);
  }
  protocol.add(tiles);
  const url = `pmtiles://${file.name}`;
  for (const layer of map.getStyle().layers.filter((each) => each.id.startsWith("base-"))) map.removeLayer(layer.id);
  if (map.getSource("base")) map.removeSource("base");
  if (tileType !== TileType.Mvt) {
    map.addSource("base", { type: "raster", url, tileSize: 256 });
    map.addLayer({ id: "base-picture", type: "raster", source: "base", paint: { "raster-opacity": 0.6, "raster-saturation": -0.6 } }, "all-links");
    return;
  }
  map.addSource("base", { type: "vector", url });
  const { vector_layers: found = [] } = (await tiles.getMetadata()) as { vector_layers?: { id: string }[] };
  const c = colours();
  for (const { id } of found) {
    const water = id.includes("water");
    map.addLayer(
      {
        id: `base-area-${id}`,
        type: "fill",
        source: "base",
        "source-layer": id,
        filter: ["==", ["geometry-type"], "Polygon"],
        paint: { "fill-color": water ? c.series[4]! : c.line, "fill-opacity": water ? 0.35 : 0.25 },
      },
      "all-links",
    );
    map.addLayer(
      {
        id: `base-line-${id}`,
        type: "line",
        source: "base",
        "source-layer": id,
        filter: ["==", ["geometry-type"], "LineString"],
        paint: { "line-color": water ? c.series[4]! : c.link, "line-opacity": 0.5, "line-width": 1 },
      },
      "all-links",
    );
  }
}
