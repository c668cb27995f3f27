import { COMPARISON_VERSION, type Comparison, type ComparisonRow } from '../../scripts/result/comparison';
import { FIRST_RUN_MS } from './observations';

/** A measure that got slower by 20 %, but for the changes. */
export const comparisonRow = (changes: Partial<ComparisonRow> = {}): ComparisonRow => ({
  id: 'price.p95',
  title: 'Cached price queries, P95',
  operation: 'price',
  statistic: 'p95',
  unit: 'ms',
  worse: 'higher',
  gating: true,
  verdict: 'REGRESSED',
  baseline: 100,
  candidate: 120,
  change: 0.2,
  low: 0.15,
  high: 0.25,
  pWorse: 0.0001,
  pBetter: 1,
  smallestDetectable: 0.06,
  runsNeeded: 5,
  baselineRuns: 5,
  candidateRuns: 5,
  note: null,
  ...changes,
});

/** A comparison of five runs a side. */
export function comparison(changes: Partial<Comparison> = {}): Comparison {
  const side = (name: string, at: number) => ({
    runs: [0, 1, 2, 3, 4].map((i) => ({
      runId: `${name}-${i}`,
      startedAtMs: FIRST_RUN_MS + (at + 2 * i) * 60_000,
      commit: '0123456789abcdef0123456789abcdef01234567',
    })),
    target: 'http://fiml.test:8000',
    targetVersion: '0.4.1',
  });
  return {
    schema: 'fiml-perf/comparison',
    version: COMPARISON_VERSION,
    scenario: 'load',
    profile: 'smoke',
    verdict: 'REGRESSED',
    exitCode: 1,
    reasons: ['Cached price queries, P95: +20.0 %'],
    design: 'interleaved',
    limits: { smallestRelevant: 0.05, margin: 0.1, alpha: 0.05 },
    baseline: side('base', 0),
    candidate: side('mine', 1),
    historyRuns: 0,
    accepted: [],
    onlyInBaseline: [],
    onlyInCandidate: [],
    warnings: [],
    rows: [comparisonRow()],
    ...changes,
  };
}
