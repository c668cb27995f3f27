import { variancesOfRounds } from '../observe/rounds';
import { type Measure, OBSERVATION_VERSION, type Observation } from '../result/observation';
import type { Run } from '../result/run';
import { hostClass } from '../run/identity';
import type { ComponentRow } from './row';

/** Rounds of which a bootstrap can tell how far they differ. */
const FEWEST_ROUNDS = 5;
/** As for requests: twenty beyond a percentile, and a mean of more than a few. */
const FEWEST = { p50: 40, p95: 400, mean: 40 } as const;

type Statistic = keyof typeof FEWEST;

/** A store that was read, with its line. */
export interface MeasuredStore {
  readonly row: ComponentRow;
  readonly readsMs: readonly number[];
  readonly version: string;
  readonly address: string;
}

export interface StoresRun {
  readonly runId: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly rounds: number;
  readonly stores: readonly MeasuredStore[];
  readonly interrupted: boolean;
  readonly verdict: string;
  readonly identity: Run['identity'];
}

/** What comparisons, baselines and histories take of a measurement of the stores. */
export function observeStores(run: StoresRun): Observation {
  const { identity, stores } = run;
  const { host } = identity;
  return {
    schema: 'fiml-perf/observation',
    version: OBSERVATION_VERSION,
    runId: run.runId,
    startedAtMs: run.startedAtMs,
    endedAtMs: run.endedAtMs,
    scenario: 'components-stores',
    profile: null,
    fingerprint: {
      scenario: 'components-stores',
      rounds: String(run.rounds),
      ...Object.fromEntries(stores.map(({ row, version }) => [row.id, version])),
      node: identity.nodeVersion,
      host: hostClass(host),
    },
    identity: {
      commit: identity.commit,
      dirty: identity.dirty,
      target: stores.map(({ address }) => address).join(' and '),
      targetVersion: stores.map(({ version }) => version).join(', '),
      suiteVersion: identity.suiteVersion,
    },
    verdict: run.verdict,
    flaws: run.interrupted ? ['the measurement was interrupted'] : [],
    warnings: [],
    measures: stores.flatMap(measuresOf),
  };
}

function measuresOf({ row, readsMs }: MeasuredStore): Measure[] {
  const variances = readsMs.length < FEWEST_ROUNDS ? { median: 0, p95: 0, mean: 0 } : variancesOfRounds(readsMs);
  const measure = (statistic: Statistic, value: number | null, withinVariance: number): Measure => ({
    id: `${row.id}.${statistic}`,
    title: `${row.title}, ${statistic === 'mean' ? 'mean' : statistic.toUpperCase()}`,
    operation: row.id,
    statistic,
    unit: 'ms',
    scale: 'ratio',
    worse: 'higher',
    value,
    withinVariance,
    samples: readsMs.length,
    // Of reads that a machine interrupts now and then the median moves least.
    gating: statistic === 'p50',
    insufficient: row.verdict === 'INVALID' ? row.reason : tooFew(readsMs.length, statistic),
  });
  return [
    measure('p50', row.p50Ms, variances.median),
    measure('p95', row.p95Ms, variances.p95),
    measure('mean', row.meanMs, variances.mean),
  ];
}

const tooFew = (rounds: number, statistic: Statistic): string | null =>
  rounds < FEWEST[statistic] ? `${rounds} reads are too few for it: it takes ${FEWEST[statistic]}` : null;
