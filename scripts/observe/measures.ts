import type { Selector } from '../../thresholds';
import type { Measure } from '../result/observation';
import { answered, mergeSeries, selectSeries } from '../result/query';
import type { Result, Series } from '../result/result';
import { transformed } from '../result/scale';
import { DRAWS, withinVariances } from './bootstrap';
import { TimeLine, type Weights } from './time-line';

/** A kind of samples of which a comparison wants to know whether it got slower. */
export interface Group {
  readonly id: string;
  readonly title: string;
  readonly metric: string;
  readonly selector: Selector;
  /** Statistics of it that decide. */
  readonly gates: readonly Statistic[];
}

type Statistic = 'p50' | 'p95' | 'p99' | 'mean';

const QUANTILES: Readonly<Record<Exclude<Statistic, 'mean'>, number>> = { p50: 0.5, p95: 0.95, p99: 0.99 };
const STATISTICS: readonly Statistic[] = ['p50', 'p95', 'p99', 'mean'];
/** Requests beyond a quantile without which it is one of a few values: p95 takes 400 requests, p99 2000. */
const BEYOND = 20;
/** A mean of fewer is as good as its largest value. */
const FEWEST_FOR_MEAN = 40;
/** Time buckets below which a run is too short to know anything of itself. */
const FEWEST_BUCKETS = 10;
const STEADY = { phase: 'steady' };

/**
 * Measures of one group of latencies.
 *
 * @param from first time bucket that counts, after the warm-up.
 */
export function latencyMeasures(result: Result, group: Group, from: number): Measure[] {
  const series = selectSeries(result, group.metric, { ...group.selector, ...STEADY }).filter(answered);
  if (series.length === 0) return [];
  const line = new TimeLine(series, from);
  if (line.count === 0) return [];
  const values = (weights: Weights): (number | null)[] => [
    ...line.quantiles(weights, Object.values(QUANTILES)),
    line.mean(weights),
  ];
  const logarithms = (weights: Weights) => values(weights).map((value) => (value ? Math.log(value) : null));
  const whole = values(line.level.map(() => 1));
  const draws = group.gates.length > 0 ? DRAWS.deciding : DRAWS.telling;
  const variances = withinVariances(line.level, logarithms, draws);
  return STATISTICS.map((statistic, at) => ({
    id: `${group.id}.${statistic}`,
    title: `${group.title}, ${statistic === 'mean' ? 'mean' : statistic.toUpperCase()}`,
    operation: group.id,
    statistic,
    unit: 'ms',
    scale: 'ratio',
    worse: 'higher',
    gating: group.gates.includes(statistic),
    value: whole[at] ?? null,
    withinVariance: variances[at] ?? 0,
    samples: line.count,
    insufficient: tooFew(line, statistic),
  }));
}

function tooFew({ level, count }: TimeLine, statistic: Statistic): string | null {
  if (level.length < FEWEST_BUCKETS) {
    return `it was measured in ${level.length} seconds only; it takes ${FEWEST_BUCKETS} to know how far they differ`;
  }
  const needed = statistic === 'mean' ? FEWEST_FOR_MEAN : Math.ceil(BEYOND / (1 - QUANTILES[statistic]) - 1e-9);
  return count < needed ? `${count} requests are too few for it: it takes ${needed}` : null;
}

/** Failures of all five layers as a share; of everything, or of one operation. */
export function failureMeasure(
  result: Result,
  { id, title, gating }: { readonly id: string; readonly title: string; readonly gating: boolean },
  selector: Selector,
  from: number,
): Measure[] {
  const series = selectSeries(result, 'fiml_failed', { ...selector, ...STEADY });
  const line = new TimeLine(series, from);
  const share = line.share(line.level.map(() => 1));
  if (share === null) return [];
  // Where nothing failed, or everything, all draws agree: there is no need to make them.
  const [bootstrapped = 0] =
    share === 0 || share === 1
      ? []
      : withinVariances(
          line.level,
          (weights) => {
            const value = line.share(weights);
            return [value === null ? null : transformed(value, 'share')];
          },
          gating ? DRAWS.deciding : DRAWS.telling,
        );
  return [
    {
      id: `${id}.failures`,
      title: `${title}, share of failures`,
      operation: id,
      statistic: 'rate',
      unit: 'share',
      scale: 'share',
      worse: 'higher',
      gating,
      value: share,
      // Without a failure the draws all agree, and yet nobody knows the share to the digit: 1/4n is what chance alone gives.
      withinVariance: Math.max(bootstrapped, 1 / (4 * line.count)),
      samples: line.count,
      insufficient:
        line.count < FEWEST_FOR_MEAN ? `${line.count} requests are too few to tell a share of failures` : null,
    },
  ];
}

/** Answered requests per second of the steady phase. The open model offers a rate: there it only shows what was lost. */
export function throughputMeasure(result: Result, from: number): Measure[] {
  const series = selectSeries(result, 'http_reqs', STEADY).filter(answered);
  const line = new TimeLine(series, from);
  if (line.level.length < 2) return [];
  const perSecond = (line.count / line.level.length) * (1000 / result.bucketMs);
  return [
    {
      id: 'all.throughput',
      title: 'All requests, answered per second',
      operation: 'all',
      statistic: 'throughput',
      unit: 'per second',
      scale: 'ratio',
      worse: 'lower',
      gating: false,
      value: perSecond,
      withinVariance: 1 / line.count,
      samples: line.count,
      insufficient: null,
    },
  ];
}

/** Mean memory of the server's process over the steady phase. */
export function memoryMeasure(result: Result): Measure[] {
  const { count, sum } = mergeSeries(selectSeries(result, 'fiml_server_rss_bytes', STEADY));
  if (count === 0) return [];
  return [
    {
      id: 'server.rss',
      title: 'Server, resident memory',
      operation: 'server',
      statistic: 'mean',
      unit: 'bytes',
      scale: 'ratio',
      worse: 'higher',
      gating: false,
      value: sum / count,
      withinVariance: 0,
      samples: count,
      insufficient: null,
    },
  ];
}

/** The operations of a run, as k6's `name` tag tells them. */
export const operationNames = (result: Result): string[] =>
  [...new Set(selectSeries(result, 'http_req_duration', STEADY).flatMap(nameOf))].sort();

const nameOf = ({ tags }: Series): string[] => (tags.name === undefined ? [] : [tags.name]);
