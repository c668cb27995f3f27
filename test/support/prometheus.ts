import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

/** A query of a dashboard as Grafana would send it, but for its variables. */
export interface PanelQuery {
  /** `Run › Error rate › failed`. */
  readonly where: string;
  readonly expr: string;
  /** Of a moment, and not of a stretch of time. */
  readonly instant: boolean;
}

interface Target {
  readonly expr: string;
  readonly instant?: boolean;
  readonly legendFormat?: string;
  readonly refId: string;
}
interface AnyPanel {
  readonly title?: string;
  readonly targets?: readonly Target[];
  readonly panels?: readonly AnyPanel[];
}

/** Panels with those of closed rows. */
export const panelsOf = (dashboard: Dashboard): AnyPanel[] =>
  (dashboard.panels as unknown as readonly AnyPanel[]).flatMap((panel) => [panel, ...(panel.panels ?? [])]);

/** All queries of all panels and annotations. */
export function queriesOf(dashboard: Dashboard): PanelQuery[] {
  const title = dashboard.title ?? '';
  const panels = panelsOf(dashboard).flatMap((panel) =>
    (panel.targets ?? []).map(({ expr, instant, legendFormat, refId }) => ({
      where: `${title} › ${panel.title} › ${legendFormat || refId}`,
      expr,
      instant: instant === true,
    })),
  );
  const annotations = (dashboard.annotations?.list ?? []).flatMap(({ name, expr }) =>
    expr === undefined ? [] : [{ where: `${title} › ${name}`, expr, instant: false }],
  );
  return [...panels, ...annotations];
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Of a moment, or the newest of a stretch of time. */
  readonly value: number;
  /** The largest of a stretch of time. */
  readonly largest: number;
}

/** A Prometheus that is asked what a dashboard asks. */
export class PrometheusClient {
  constructor(private readonly url: string) {}

  /** @param atMs the moment. @throws when the query is refused. */
  async instant(query: string, atMs: number): Promise<Series[]> {
    const result = await this.ask('query', { query, time: String(atMs / 1000) });
    return result.map(({ metric, value }) => {
      const number = Number(value?.[1]);
      return { metric, value: number, largest: number };
    });
  }

  /**
   * A point a second, the last at the end and the first less than a second before the start.
   *
   * @throws when the query is refused.
   */
  async range(query: string, startMs: number, endMs: number): Promise<Series[]> {
    // From the start on there would be none after the last whole second, and what was written in the rest would be missed.
    const end = endMs / 1000;
    const start = end - Math.ceil((endMs - startMs) / 1000);
    const window = { start: String(start), end: String(end), step: '1' };
    const result = await this.ask('query_range', { query, ...window });
    return result.map(({ metric, values = [] }) => {
      const numbers = values.map(([, number]) => Number(number)).filter((number) => !Number.isNaN(number));
      return { metric, value: numbers.at(-1) ?? Number.NaN, largest: Math.max(...numbers) };
    });
  }

  private async ask(route: string, parameters: Record<string, string>): Promise<Answered[]> {
    const answer = await fetch(`${this.url}/api/v1/${route}`, {
      method: 'POST',
      body: new URLSearchParams(parameters),
      signal: AbortSignal.timeout(30_000),
    });
    const body = (await answer.json()) as { status: string; error?: string; data?: { result: Answered[] } };
    if (body.data === undefined) throw new Error(`${parameters.query}: ${body.error}`);
    return body.data.result;
  }
}

interface Answered {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** A query with the variables of a dashboard filled in, as Grafana does it. */
export const filled = (expr: string, variables: Readonly<Record<string, string>>): string =>
  expr.replace(/\$\{?(\w+)\}?/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`nothing is called $${name}`);
    return value;
  });
