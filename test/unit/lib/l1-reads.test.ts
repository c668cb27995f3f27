import fc from 'fast-check';
import { BEYOND_MS, readsBetween } from '../../../lib/l1-reads';
import type { LatencyBucket } from '../../../lib/scrape';

const BOUNDS_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, Number.POSITIVE_INFINITY];

/** A histogram as Prometheus writes it, from the times that it has seen. */
const histogramOf = (readsMs: readonly number[]): LatencyBucket[] =>
  BOUNDS_S.map((leS) => ({ leS, count: readsMs.filter((ms) => ms <= leS * 1000).length }));

const times = fc.array(fc.double({ min: 0, max: 2000, noNaN: true }), { maxLength: 200 });
const bucketOf = (ms: number) => BOUNDS_S.findIndex((leS) => ms <= leS * 1000);
const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);

test('what came between two looks is as many reads as there were, each in its bucket', () => {
  fc.assert(
    fc.property(times, times, (before, during) => {
      const reads = readsBetween(histogramOf(before), histogramOf([...before, ...during]));
      expect(reads).not.toBeNull();
      expect(sorted(reads ?? []).map(bucketOf)).toEqual(sorted(during).map(bucketOf));
    }),
  );
});

test('whether a percentile is below a bucket’s bound is exact', () => {
  fc.assert(
    fc.property(times, fc.constantFrom(0.5, 0.95, 0.99), (during, q) => {
      fc.pre(during.length > 0);
      const at = (values: readonly number[]) => sorted(values)[Math.ceil(q * values.length) - 1] ?? 0;
      const reads = readsBetween(histogramOf([]), histogramOf(during)) ?? [];
      for (const leS of BOUNDS_S) expect(at(reads) <= leS * 1000).toBe(at(during) <= leS * 1000);
    }),
  );
});

test('reads of a bucket are spread over it, and one beyond the last bound holds no limit', () => {
  const counts = (...of: number[]) => of.map((count, at) => ({ leS: BOUNDS_S[at] as number, count }));
  expect(readsBetween(counts(10, 10), counts(14, 16))).toEqual([0.125, 0.375, 0.625, 0.875, 2, 4]);
  expect(readsBetween(histogramOf([]), histogramOf([1500]))).toEqual([BEYOND_MS]);
});

test('counters that went back tell of another process', () => {
  expect(readsBetween(histogramOf([0.5, 0.5]), histogramOf([0.5]))).toBeNull();
  expect(readsBetween(histogramOf([0.5]), histogramOf([3]))).toBeNull();
});
