import { EXIT_FAIL, EXIT_OK, EXIT_USAGE } from '../../exit-codes';
import type { TargetClient } from '../../http';
import { Comparison, type Difference, type Extra, type NotCompared } from './comparison';
import { dslRoutes } from './dsl-routes';
import { type Dependencies, healthRoutes } from './health-routes';
import { metricsRoutes } from './metrics-routes';
import { plainRoutes } from './plain-routes';
import { searchRoutes } from './search-routes';
import { sessionRoutes } from './session-routes';

export interface ConformanceReport {
  readonly target: string;
  /** Why nothing could be compared; null when something was. */
  readonly unreachable: string | null;
  /** Answers that were held against the contract. */
  readonly compared: number;
  readonly differences: readonly Difference[];
  /** Fields that the contract does not have: no difference, but news. */
  readonly extras: readonly Extra[];
  /** What depends on things that this server does not have. */
  readonly notCompared: readonly NotCompared[];
}

interface Area {
  readonly title: string;
  readonly needs: readonly (keyof Dependencies)[];
  readonly run: (comparison: Comparison) => Promise<void>;
}

const AREAS: readonly Area[] = [
  { title: 'routes that need nothing', needs: [], run: plainRoutes },
  { title: 'FK-DSL', needs: [], run: dslRoutes },
  { title: 'searches, their tasks and prices', needs: ['redis'], run: searchRoutes },
  { title: 'session tools', needs: ['redis', 'database'], run: sessionRoutes },
  // Last: some families appear with the first request that they count.
  { title: 'Prometheus', needs: [], run: metricsRoutes },
];
const NAMES = { redis: 'Redis', database: 'PostgreSQL' } as const;

/**
 * Compares a server's answers with the contract, route by route, field by field. About 60 small requests; what stays is
 * one session for an hour.
 */
export async function conformance(client: TargetClient): Promise<ConformanceReport> {
  const comparison = new Comparison(client);
  const first = await client.get('/health');
  if ('problem' in first) return report(comparison, first.problem);
  const there = await healthRoutes(comparison);
  for (const { title, needs, run } of AREAS) {
    const missing = needs.filter((need) => !there[need]).map((need) => NAMES[need]);
    // Without Redis each search takes longer than anybody waits, and holds up the whole server.
    if (missing.length === 0) await run(comparison);
    else comparison.skip(title, `not asked: the server does not reach ${missing.join(' and ')}`);
  }
  return report(comparison, null);
}

const report = (
  { client, compared, differences, extras, notCompared }: Comparison,
  unreachable: string | null,
): ConformanceReport => ({ target: client.url, unreachable, compared, differences, extras, notCompared });

/** 0 without differences, 1 with some, 2 when the server could not be asked. */
export function conformanceExitCode({ unreachable, differences }: ConformanceReport): number {
  if (unreachable !== null) return EXIT_USAGE;
  return differences.length === 0 ? EXIT_OK : EXIT_FAIL;
}
