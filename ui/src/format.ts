// Numbers and times as a planner reads them: the same digits as the program's own summary.

import { language } from "./strings";

const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });

export function count(value: number): string {
  return whole.format(value);
}

/** As many digits as matter: 12,345, 123.4, 1.23, 0.012. */
export function amount(value: number): string {
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (size === 0) return "0";
  if (size >= 999.95 || (size >= 1 && Number.isInteger(size))) return sign + count(size);
  if (size >= 99.95) return sign + size.toFixed(1);
  if (size >= 0.995) return sign + size.toFixed(2);
  return sign + significant(size);
}

function significant(value: number): string {
  if (value < 1e-9) return "under 0.000000001";
  const places = Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(value))));
  const text = value.toFixed(places);
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}

/** A share, rounded up in its second digit, so that "by no more than" stays true. */
export function percentUp(share: number): string {
  if (share <= 0) return "0 %";
  const percent = share * 100;
  const unit = 10 ** (Math.floor(Math.log10(percent)) - 1);
  const up = Math.ceil(percent / unit - 1e-9) * unit;
  return up >= 1000 ? `${count(up)} %` : `${significant(up)} %`;
}

/** A probability to two digits. */
export function percent(share: number): string {
  return share <= 0 ? "0 %" : `${significant(share * 100)} %`;
}

/** The chance of one attack or more where so many are expected. */
export function chance(expected: number): number {
  return -Math.expm1(-expected);
}

export function hours(value: number): string {
  const minutes = Math.max(0, Math.round(value * 60));
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60];
  if (hour === 0) return `${minute} min`;
  return minute === 0 ? `${count(hour)} h` : `${count(hour)} h ${minute} min`;
}

/** Local times of the case's zone. */
export class LocalTime {
  private readonly parts: Intl.DateTimeFormat;
  private readonly weekday: Intl.DateTimeFormat;

  constructor(readonly zone: string) {
    const options = { timeZone: zone, hourCycle: "h23" } as const;
    this.parts = new Intl.DateTimeFormat(language, { ...options, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
    this.weekday = new Intl.DateTimeFormat(language, { ...options, weekday: "short" });
  }

  private split(time: number): { day: string; clock: string } {
    const part: Record<string, string> = {};
    for (const { type, value } of this.parts.formatToParts(time)) part[type] = value;
    return { day: `${part["day"]} ${part["month"]}`, clock: `${part["hour"]}:${part["minute"]}` };
  }

  /** 26 Aug 06:00 */
  short(time: number): string {
    const { day, clock } = this.split(time);
    return `${day} ${clock}`;
  }

  /** Thu 26 Aug */
  date(time: number): string {
    return `${this.weekday.format(time)} ${this.split(time).day}`;
  }

  /** 06:00 */
  clock(time: number): string {
    return this.split(time).clock;
  }

  /** 26 Aug */
  day(time: number): string {
    return this.split(time).day;
  }

  /** 26 Aug 06:00–12:00, or both dates where they differ; the end of a day is its midnight. */
  span(from: number, until: number): string {
    const [a, b] = [this.split(from), this.split(until)];
    if (a.day === b.day) return `${a.day} ${a.clock}–${b.clock}`;
    if (b.clock === "00:00" && until - from <= 24 * 3_600_000) return `${a.day} ${a.clock}–24:00`;
    return `${a.day} ${a.clock} – ${b.day} ${b.clock}`;
  }
}
