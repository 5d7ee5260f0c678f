import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { data, local, point, timeAt } from "../state";
import { strings } from "../strings";
import { colours } from "../theme";

echarts.use([
  AriaComponent,
  BarChart,
  CustomChart,
  GridComponent,
  LabelLayout,
  LegendComponent,
  LineChart,
  MarkLineComponent,
  ScatterChart,
  SVGRenderer,
  TooltipComponent,
]);

export type Option = echarts.EChartsCoreOption;

interface Properties {
  option: Option;
  height: number;
  /** What the chart shows, for those who do not see it. */
  label: string;
  /** Whether its horizontal axis is time, so that the clock's line is drawn on it. */
  timed?: boolean;
  onPick?: (series: string, index: number) => void;
}

/** A chart that is drawn once it comes near the screen, and follows the size of its place. */
export function Chart({ option, height, label, timed, onPick }: Properties) {
  const place = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const chart = useRef<echarts.ECharts | null>(null);
  const latest = useRef(option);
  latest.current = option;
  const pick = useRef(onPick);
  pick.current = onPick;

  // Where the case's start and end lie, in pixels: asked for when the chart is drawn, not each time that the clock moves.
  const ends = useRef<[number, number] | null>(null);

  const measure = () => {
    if (!timed || !chart.current) return;
    const [start, end] = [timeAt(0), timeAt(data().steps)].map((time) => chart.current!.convertToPixel({ xAxisIndex: 0 }, time));
    ends.current = Number.isFinite(start) && Number.isFinite(end) ? [start!, end!] : null;
    moveLine();
  };

  const moveLine = () => {
    if (!line.current || !chart.current) return;
    line.current.hidden = ends.current === null;
    if (ends.current === null) return;
    const [start, end] = ends.current;
    line.current.style.transform = `translateX(${start + ((end - start) * point.peek()) / data().steps}px)`;
  };

  useEffect(() => {
    const element = place.current!;
    const draw = () => {
      if (chart.current) return;
      chart.current = echarts.init(element, null, { renderer: "svg" });
      chart.current.setOption({ animation: false, ...latest.current }, true);
      chart.current.on("click", (event) => pick.current?.(String(event.seriesId ?? ""), event.dataIndex));
      measure();
    };
    const seen = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && draw(), { rootMargin: "300px" });
    seen.observe(element);
    const sized = new ResizeObserver(() => {
      chart.current?.resize();
      measure();
    });
    sized.observe(element);
    addEventListener("beforeprint", draw);
    return () => {
      removeEventListener("beforeprint", draw);
      seen.disconnect();
      sized.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    chart.current?.setOption({ animation: false, ...option }, true);
    measure();
  }, [option]);

  useEffect(() => {
    if (!timed) return;
    return effect(() => {
      void point.value;
      moveLine();
    });
  }, [timed]);

  return (
    <div class="chart" style={{ height: `${height}px` }}>
      <div class="chart-place" ref={place} role="img" aria-label={label} />
      {timed && <div class="chart-now" ref={line} style={{ insetBlockStart: `${topOf(option)}px` }} hidden aria-hidden="true" />}
    </div>
  );
}

/** Where the drawing begins, below the legend. */
function topOf({ grid }: Option): number {
  const first = (Array.isArray(grid) ? grid[0] : grid) as { top?: number } | undefined;
  return first?.top ?? 8;
}

/** The horizontal axis of the case's time, with a mark at local midnights, or at whole hours in a short case. */
export function timeAxis(small = false): object {
  const { start, end, hours } = data();
  const long = end - start > 36 * 3_600_000;
  const stride = small ? 2 : 1;
  const marks = hours.filter((hour) => hour >= start && (!long || local().clock(hour) === "00:00"));
  const shown = long ? marks.filter((_, index) => index % stride === 0) : marks.filter((_, index) => index % Math.ceil(marks.length / 8) === 0);
  return {
    type: "value",
    min: start,
    max: end,
    axisLabel: {
      customValues: shown,
      color: colours().muted,
      fontSize: 13,
      hideOverlap: true,
      formatter: (value: number) => (long ? local().day(value) : local().clock(value)),
    },
    axisTick: { customValues: marks },
    axisLine: { lineStyle: { color: colours().muted } },
    splitLine: { show: false },
    axisPointer: { label: { formatter: ({ value }: { value: number }) => local().short(value) } },
  };
}

export function valueAxis(name = ""): object {
  return {
    type: "value",
    name,
    nameTextStyle: { color: colours().muted, align: "left", fontSize: 13 },
    axisLabel: { color: colours().muted, fontSize: 13 },
    splitLine: { lineStyle: { color: colours().line } },
    minInterval: 1,
  };
}

export const base = () => ({
  // Widths are measured before drawing, so the family must be named.
  textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 },
  aria: { enabled: false },
  color: colours().series,
});

export const timeName = () => strings.charts.time;
