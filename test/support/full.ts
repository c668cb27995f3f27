import { combined } from '../../scripts/full/combine';
import type { Full, FullPart } from '../../scripts/result/full';

export const fullPart = (changes: Partial<FullPart> = {}): FullPart => ({
  name: 'smoke',
  scenario: 'load',
  profile: 'smoke',
  fault: null,
  verdict: 'PASS',
  countsAs: 'PASS',
  exitCode: 0,
  headline: 'all 11 required targets hold',
  reasons: [],
  folder: 'smoke',
  durationMs: 49_400,
  ...changes,
});

/** A full suite of these parts. */
export const fullOf = (...parts: readonly FullPart[]): Full => ({
  schema: 'fiml-perf/full',
  version: 1,
  id: '2026-11-24T10-00-00-full',
  createdAt: '2026-11-24T10:00:00.000Z',
  durationMs: 121_000,
  budgetMs: 130_000,
  ...combined(parts),
  parts: [...parts],
});
