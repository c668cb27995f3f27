import { COARSE_FROM_MS, COARSE_MS, FINE_MS } from '../ingest/collect';
import { Histogram } from '../result/histogram';
import type { Bucket, Result, Series } from '../result/result';
import { MOST_KEPT } from '../result/slow';

interface Part {
  count: number;
  sum: number;
  nonZero: number;
  histogram: Histogram | null;
}

interface Sum {
  readonly first: Series;
  readonly total: Part;
  min: number;
  max: number;
  last: number;
  firstMs: number;
  lastMs: number;
  readonly parts: Map<number, Part> | null;
}

/**
 * Merges results into the one that all their samples together would have made: counts and histograms of each series and
 * time bucket are added. Nothing is averaged, and no percentile is taken of percentiles.
 *
 * @param results at least one, with buckets of a second that are counted from one origin. Of Gauges the newest value of all
 *   is the last; what each of several k6 counts of itself is no one Gauge, and must differ in a tag.
 * @param keepsSeconds whether buckets stay as short as a second, however long the run was.
 * @throws Error when they are counted otherwise: their buckets are of different times then.
 */
export function mergeResults(results: readonly [Result, ...Result[]], keepsSeconds: boolean): Result {
  const [first] = results;
  if (results.some(({ startMs, bucketMs }) => startMs !== first.startMs || bucketMs !== FINE_MS)) {
    throw new Error('results with time buckets of different origin or length cannot be merged');
  }
  const sums = new Map<string, Sum>();
  for (const { series } of results) for (const one of series) addSeries(sums, one);

  const earliestMs = Math.min(...[...sums.values()].map(({ firstMs }) => firstMs));
  const latestMs = Math.max(...[...sums.values()].map(({ lastMs }) => lastMs));
  const bucketMs = !keepsSeconds && latestMs - earliestMs >= COARSE_FROM_MS ? COARSE_MS : FINE_MS;
  // Counted from the bucket of the first sample, as those of one k6 are.
  const shift = Math.floor((earliestMs - first.startMs) / bucketMs);
  const startMs = first.startMs + shift * bucketMs;
  const slowest = mergeSlowest(results);
  return {
    ...first,
    source: mergeSources(results),
    startMs,
    endMs: Math.max(...results.map(({ endMs }) => endMs)),
    bucketMs,
    metrics: Object.assign({}, ...results.map(({ metrics }) => metrics).reverse()),
    series: [...sums.values()].map((sum) => toSeries(sum, (i) => Math.floor((i * FINE_MS) / bucketMs) - shift)),
    ...(slowest === undefined ? {} : { slowest }),
  };
}

function addSeries(sums: Map<string, Sum>, series: Series): void {
  const key = `${series.metric}${JSON.stringify(series.tags)}`;
  let sum = sums.get(key);
  if (sum === undefined) {
    const { min, max, last, firstMs, lastMs, buckets } = series;
    const parts = buckets === undefined ? null : new Map<number, Part>();
    sum = { first: series, total: newPart(), min, max, last, firstMs, lastMs, parts };
    sums.set(key, sum);
  }
  addPart(sum.total, series);
  sum.min = Math.min(sum.min, series.min);
  sum.max = Math.max(sum.max, series.max);
  sum.firstMs = Math.min(sum.firstMs, series.firstMs);
  if (series.lastMs >= sum.lastMs) {
    sum.lastMs = series.lastMs;
    sum.last = series.last;
  }
  if (sum.parts !== null) for (const bucket of series.buckets ?? []) addPart(partAt(sum.parts, bucket.i), bucket);
}

const newPart = (): Part => ({ count: 0, sum: 0, nonZero: 0, histogram: null });

function partAt(parts: Map<number, Part>, i: number): Part {
  const found = parts.get(i) ?? newPart();
  parts.set(i, found);
  return found;
}

function addPart(part: Part, { count, sum, nonZero, histogram }: Pick<Bucket, keyof Part>): void {
  part.count += count;
  // Sums of the hugest values would reach infinity, which JSON cannot hold.
  part.sum = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, part.sum + sum));
  part.nonZero += nonZero;
  if (histogram === undefined) return;
  part.histogram ??= new Histogram();
  part.histogram.addSparse(histogram);
}

function toSeries(
  { first, total, min, max, last, firstMs, lastMs, parts }: Sum,
  placeOf: (i: number) => number,
): Series {
  const series: Series = { metric: first.metric, tags: first.tags, ...toPart(total), min, max, last, firstMs, lastMs };
  if (parts === null) return series;
  const placed = new Map<number, Part>();
  for (const [i, part] of parts) addPart(partAt(placed, placeOf(i)), toPart(part));
  series.buckets = [...placed].sort(([a], [b]) => a - b).map(([i, part]) => ({ i, ...toPart(part) }));
  return series;
}

const toPart = ({ count, sum, nonZero, histogram }: Part): Pick<Bucket, keyof Part> => ({
  count,
  sum,
  nonZero,
  ...(histogram === null ? {} : { histogram: histogram.toSparse() }),
});

function mergeSources(results: readonly [Result, ...Result[]]): Result['source'] {
  const sources = results.map(({ source }) => source);
  const total = (figure: (source: Result['source']) => number) =>
    sources.reduce((sum, source) => sum + figure(source), 0);
  const rejected = new Map<string, Result['source']['rejected'][number]>();
  for (const one of sources.flatMap((source) => source.rejected)) {
    const known = rejected.get(one.reason);
    rejected.set(one.reason, known === undefined ? one : { ...known, count: known.count + one.count });
  }
  const assumed = [...new Set(sources.flatMap(({ assumedTrends = [] }) => assumedTrends))].sort();
  return {
    ...results[0].source,
    bytes: total(({ bytes }) => bytes),
    lines: total(({ lines }) => lines),
    samples: total(({ samples }) => samples),
    parsedLines: total(({ parsedLines = 0 }) => parsedLines),
    rejected: [...rejected.values()],
    truncated: sources.some(({ truncated }) => truncated),
    clockStepBackMs: Math.max(...sources.map(({ clockStepBackMs }) => clockStepBackMs)),
    overflow: {
      ...results[0].source.overflow,
      tagSets: total(({ overflow }) => overflow.tagSets),
      samples: total(({ overflow }) => overflow.samples),
    },
    ...(assumed.length === 0 ? {} : { assumedTrends: assumed }),
  };
}

function mergeSlowest(results: readonly Result[]): Result['slowest'] {
  const all = results.flatMap(({ slowest }) => (slowest === undefined ? [] : [slowest]));
  const [first] = all;
  if (first === undefined) return undefined;
  return {
    ...first,
    requests: all.reduce((sum, { requests }) => sum + requests, 0),
    slow: all.reduce((sum, { slow }) => sum + slow, 0),
    kept: all
      .flatMap(({ kept }) => kept)
      .sort((a, b) => b.durationMs - a.durationMs)
      .slice(0, MOST_KEPT),
  };
}
