import { useEffect, useRef } from "preact/hooks";
import { block, data, local, playing, point, setPoint, step, timeAt } from "../state";
import { strings } from "../strings";
import { signal } from "@preact/signals";

/** Steps of the plan that pass in one second of play. */
const speeds = { slow: 1, normal: 4, fast: 12 };
const speed = signal<keyof typeof speeds>("normal");

/** The clock: always in sight, moved by hand, by keys or by itself. */
export function ClockBar() {
  const c = data();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const element = event.target as HTMLElement;
      if (event.altKey || event.ctrlKey || event.metaKey || element.closest("select, textarea, input:not([type=range]), .maplibregl-canvas")) return;
      if (act(event.key, element)) event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  usePlay();
  const now = timeAt(step.value);
  return (
    <section class="clock no-print" aria-label={strings.clock.title}>
      <button type="button" id="play" onClick={() => (playing.value = !playing.value)}>
        {playing.value ? strings.clock.pause : strings.clock.play}
      </button>
      <button type="button" aria-label={strings.clock.back} onClick={() => setPoint(step.value - 1)}>
        ◀
      </button>
      <button type="button" aria-label={strings.clock.forward} onClick={() => setPoint(step.value + 1)}>
        ▶
      </button>
      <output id="clock-time" class="time" for="clock">
        <span class="date">{local().date(now)}</span> <span class="hour">{local().clock(now)}</span>
      </output>
      <div class="slide">
        <input
          id="clock"
          type="range"
          min="0"
          max={c.steps}
          step="1"
          value={step.value}
          aria-label={strings.clock.slider}
          aria-valuetext={`${local().date(now)} ${local().clock(now)}`}
          title={strings.clock.keys}
          onInput={(event) => setPoint(Number(event.currentTarget.value))}
        />
        <Marks />
      </div>
      <label>
        <span class="hidden">{strings.clock.speed}</span>
        <select value={speed.value} onChange={(event) => (speed.value = event.currentTarget.value as keyof typeof speeds)}>
          {(Object.keys(speeds) as (keyof typeof speeds)[]).map((name) => (
            <option value={name} key={name}>
              {strings.clock.speeds[name]}
            </option>
          ))}
        </select>
      </label>
    </section>
  );
}

/** What a key does; whether it did anything. */
function act(key: string, element: HTMLElement): boolean {
  const c = data();
  const blocks = c.blocks;
  switch (key) {
    case " ":
      // On a control the space bar presses it, and on the slider it does nothing of its own.
      if (element.closest("button, summary, a, label") !== null) return false;
      playing.value = !playing.value;
      return true;
    case "ArrowLeft":
    case "ArrowRight":
      setPoint(step.value + ((key === "ArrowRight") === (document.documentElement.dir !== "rtl") ? 1 : -1));
      return true;
    case "PageDown":
      if (element.id !== "clock") return false;
      setPoint(blocks[Math.min(blocks.length - 1, block.value + 1)]!.from_step);
      return true;
    case "PageUp":
      if (element.id !== "clock") return false;
      setPoint(blocks[Math.max(0, block.value - (step.value > blocks[block.value]!.from_step ? 0 : 1))]!.from_step);
      return true;
    case "Home":
      if (element.id !== "clock") return false;
      setPoint(0);
      return true;
    case "End":
      if (element.id !== "clock") return false;
      setPoint(c.steps);
      return true;
    default:
      return false;
  }
}

/** Moves the clock while it plays, frame by frame. */
function usePlay(): void {
  const last = useRef(0);
  const on = playing.value;
  useEffect(() => {
    if (!on) return;
    if (point.peek() >= data().steps) point.value = 0;
    last.current = performance.now();
    let frame = requestAnimationFrame(function next(now) {
      const passed = ((now - last.current) / 1000) * speeds[speed.peek()];
      last.current = now;
      setPoint(point.peek() + passed);
      if (point.peek() >= data().steps) playing.value = false;
      else frame = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(frame);
  }, [on]);
}

/** Days and the deadline below the slider. */
function Marks() {
  const c = data();
  const long = c.end - c.start > 36 * 3_600_000;
  const hours = c.hours.filter((hour) => hour >= c.start && hour <= c.end);
  const all = long ? hours.filter((hour) => local().clock(hour) === "00:00") : hours;
  const marks = all.filter((_, index) => index % Math.ceil(all.length / 8) === 0);
  const place = (time: number) => ({ insetInlineStart: `${(100 * (time - c.start)) / (c.end - c.start)}%` });
  return (
    <div class="marks" aria-hidden="true">
      {marks.map((time) => (
        <span key={time} style={place(time)}>
          {long ? local().day(time) : local().clock(time)}
        </span>
      ))}
      {c.deadline < c.end && <span class="deadline" style={place(c.deadline)} title={strings.clock.deadline} />}
    </div>
  );
}
