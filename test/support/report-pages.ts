import { analyse } from '../../scripts/ab/analyse';
import { comparisonOf } from '../../scripts/ab/comparison';
import { latenciesOf } from '../../scripts/ab/latencies';
import { AB_ALPHA } from '../../scripts/ab/looks';
import { comparisonView } from '../../scripts/compare/view';
import { fullHtml } from '../../scripts/full/page';
import { historyView } from '../../scripts/history/trend';
import { judge } from '../../scripts/judge';
import { render } from '../../scripts/report';
import { comparisonHtml } from '../../scripts/report/html';
import type { Comparison } from '../../scripts/result/comparison';
import type { Evidence } from '../../scripts/result/evidence';
import type { Full, FullPart } from '../../scripts/result/full';
import type { Run } from '../../scripts/result/run';
import {
  around,
  evidenceOf,
  failing,
  given,
  HOT,
  healthy,
  type Numbers,
  STARTED_MS,
  withDistributions,
  withRun,
} from './evidence';
import { largeRun } from './large-run';
import { observation, steady } from './observations';
import { type PairsOf, pairsOf } from './pairs';
import { every, evidenceOfMiddle, failedAt, faultSigns, quietUsers, series } from './planted-fault';
import { limitedTo, risingOn } from './rise';

const DAY_MS = 24 * 3_600_000;

/** The page of a run without a history. */
export const pageOf = (measured: Evidence): string => render(measured, judge(measured)).html(null);

/** The page of a run, with a history of forty days of which the last twelve, that end with this run, are slower. */
export function pageWithHistory(measured: Evidence): string {
  const observations = Array.from({ length: 40 }, (_, at) =>
    observation(at, steady(at, at >= 28 ? 1.15 : 1), {
      startedAtMs: STARTED_MS - (39 - at) * DAY_MS,
      ...(at === 39 ? { runId: measured.run.id } : {}),
    }),
  );
  const note = {
    schema: 'fiml-perf/history-note' as const,
    version: 1 as const,
    atMs: given(observations[27]).startedAtMs + 1000,
    text: 'pool raised to 100',
  };
  return render(measured, judge(measured)).html(
    historyView('load.smoke', { observations, notes: [note], problems: [] }, null),
  );
}

/** A healthy run but for what the numbers say, and for some answers of the hot price queries that fail in a layer. */
export function minuteOf(numbers: Partial<Numbers> = {}, failed = 0): Evidence {
  const plains = [
    ...healthy(numbers),
    ...(failed === 0
      ? []
      : failing({ count: failed, tags: HOT, layer: 'data', reason: 'no data', status: '200', ms: 20 })),
    ...(failed === 0 ? [] : failing({ count: Math.ceil(failed / 3), tags: HOT })),
  ];
  return withDistributions(evidenceOf(plains), plains);
}

export const passed = (): Evidence => minuteOf();
export const missed = (): Evidence => minuteOf({ hotMs: around(280, 700) }, 60);

/** A generator without CPU to spare, of which nothing can be said. */
export const untold = (): Evidence =>
  withRun(minuteOf(), ({ generator }) => ({
    generator: { ...generator, samples: generator.samples.map((sample) => ({ ...sample, share: 0.97 })) },
  }));

export const broken = (): Evidence =>
  evidenceOfMiddle('fault', [
    ...quietUsers('fault'),
    ...faultSigns,
    ...failedAt('fault', 'inner', 21.1, 21.6, 22.2, 24, 25, 26, 28, 30),
    ...failedAt('fault', 'data', 23, 27, 31.5),
    // Few of the virtual users were ever busy.
    series('vus', {}, ...every(1, 0, 66, 3)),
  ]);

export const risen = (): Evidence => risingOn({ server: limitedTo(150), stoppedAtMs: 380_000 });

/** Of an hour, with the memory that the suite has read of a server that leaks. */
export function leaking(): Evidence {
  const hour = largeRun({ operations: 20, steadyMs: 3_600_000, requestsPerS: 4 });
  const serverMemory: NonNullable<Run['serverMemory']> = Array.from({ length: 1800 }, (_, at) => ({
    atMs: STARTED_MS + 1000 + at * 2000,
    bytes: 90e6 + at * 20_000 + 2e6 * Math.sin(at),
  }));
  return withRun(hour, () => ({ serverMemory }));
}

export const huge = (nameOf?: (at: number) => string): Evidence =>
  largeRun({ operations: 500, steadyMs: 60_000, requestsPerS: 250, ...(nameOf === undefined ? {} : { nameOf }) });

/** Two servers that were asked the same for half a minute. */
export function pairPage(pairs: Partial<PairsOf> = {}): string {
  const made = pairsOf({ seconds: 30, perSecond: 40, factor: 1.2, ...pairs });
  const ab = {
    ...made,
    id: '2026-11-24T10-00-00-ab',
    baselineUrl: 'http://fiml-0.test:8000',
    candidateUrl: 'http://fiml-1.test:8000',
    rounds: made.rounds.map((round) => ({ ...round, startedAtMs: STARTED_MS })),
  };
  const outcome = {
    ab,
    look: analyse(ab, AB_ALPHA),
    flaws: [],
    versions: ['0.4.1', '0.4.2'],
    measuredMs: 30_000,
    machineShare: 0.5,
  } as const;
  // The folder is where it would be written to.
  const comparison: Comparison = comparisonOf({ ...outcome, flaws: [], folder: {} as never });
  return comparisonHtml(comparison, comparisonView(comparison), latenciesOf(ab));
}

const part = (name: string, verdict: FullPart['verdict'], headline: string, reasons: readonly string[]): FullPart => ({
  name,
  scenario: 'load',
  profile: 'smoke',
  fault: null,
  verdict,
  countsAs: verdict === 'NOT RUN' ? 'WARN' : verdict,
  exitCode: 0,
  headline,
  reasons: [...reasons],
  folder: verdict === 'NOT RUN' ? null : name,
  durationMs: 49_000,
});

export function suitePage(): string {
  const full: Full = {
    schema: 'fiml-perf/full',
    version: 1,
    id: 'a-full',
    createdAt: '2026-11-24T10:00:00.000Z',
    durationMs: 800_000,
    budgetMs: 900_000,
    verdict: 'FAIL',
    exitCode: 1,
    headline: '3 parts: 1 FAIL, 1 PASS, 1 NOT RUN',
    parts: [
      part('smoke', 'PASS', 'all 11 required targets hold', []),
      part('spike', 'FAIL', '1 of 4 required targets missed', [
        'Carried out of what the spike offers: 61.28 %, must be above 90 %',
      ]),
      part('network-reset', 'NOT RUN', 'it cannot be run here', ['there is no Toxiproxy before this server']),
    ],
  };
  return fullHtml(full);
}
