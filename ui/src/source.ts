// Where a report comes from: out of this file, or from beside it. The page does not know which.

import type { PlanBody, Report } from "./generated/report";

export interface Source {
  report(): Promise<Report>;
  plan(index: number): Promise<PlanBody>;
}

/** The report and its packed plans stand in elements of this page, as `corridor plan` writes them. */
class Embedded implements Source {
  constructor(private readonly json: string) {}

  async report(): Promise<Report> {
    return JSON.parse(this.json) as Report;
  }

  async plan(index: number): Promise<PlanBody> {
    const element = document.getElementById(`corridor-plan-${index}`);
    if (element === null) throw new Error(`plan ${index} is not in this page`);
    const bytes = Uint8Array.from(atob(element.textContent ?? ""), (letter) => letter.charCodeAt(0));
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return (await new Response(unpacked).json()) as PlanBody;
  }
}

/** A server hands them out: `report.json` and `plans/0.json`, `plans/1.json` … beside the page. */
class Served implements Source {
  report(): Promise<Report> {
    return this.get("report.json");
  }

  plan(index: number): Promise<PlanBody> {
    return this.get(`plans/${index}.json`);
  }

  private async get<T>(path: string): Promise<T> {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return (await answer.json()) as T;
  }
}

export function source(): Source {
  const json = document.getElementById("corridor-report")?.textContent;
  return json ? new Embedded(json) : new Served();
}
