// Colours that hold on both grounds and for those who see few colours (after Okabe and Ito).

import { dark } from "./state";

interface Colours {
  ground: string;
  ink: string;
  muted: string;
  line: string;
  crowd: string;
  moving: string;
  danger: string;
  closed: string;
  link: string;
  pointed: string;
  truth: string;
  series: string[];
}

const light: Colours = {
  ground: "#ffffff",
  ink: "#14181d",
  muted: "#4a545f",
  line: "#d9dee3",
  crowd: "#0072b2",
  moving: "#005a8c",
  danger: "#d55e00",
  closed: "#a3123a",
  link: "#8b96a1",
  pointed: "#7a3e9d",
  truth: "#14181d",
  series: ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7a6f00", "#5b4b8a", "#8b96a1"],
};

const night: Colours = {
  ground: "#12161b",
  ink: "#eef2f5",
  muted: "#b4bec8",
  line: "#333d47",
  crowd: "#56b4e9",
  moving: "#9bd3f5",
  danger: "#ff8a3d",
  closed: "#ff7d9c",
  link: "#66727e",
  pointed: "#d9a8f0",
  truth: "#ffffff",
  series: ["#56b4e9", "#f0b93a", "#2fc79a", "#e5a3c8", "#8fd0f5", "#ff8a3d", "#d8cc4c", "#a99be0", "#8b96a1"],
};

export function colours(): Colours {
  return dark.value ? night : light;
}

/** A shade of danger for a share from 0 to 1, never so strong that the page's ink cannot be read on it. */
export function dangerShade(share: number): { background: string } {
  const strength = Math.min(1, Math.max(0, share));
  const mix = strength === 0 ? "0%" : `calc(var(--shade-most) * ${(0.08 + strength * 0.92).toFixed(3)})`;
  return { background: `color-mix(in srgb, var(--shade) ${mix}, var(--ground))` };
}
