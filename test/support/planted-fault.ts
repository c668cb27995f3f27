import type { Evidence } from '../../scripts/result/evidence';
import { Histogram } from '../../scripts/result/histogram';
import { TARGETS } from '../../thresholds';
import { evidenceOf, given, HOT, type Plain, STARTED_MS, withResult, withRun } from './evidence';

/** Seconds after the load's start, as epoch ms. */
export const at = (seconds: number): number => STARTED_MS + 1000 + seconds * 1000;

/** Phases of a run in which something is broken, or ten times as much is asked, s. */
const LENGTHS = { warmup: [0, 5], before: [5, 20], middle: [20, 35], recovery: [35, 65], rampdown: [65, 66] } as const;

type Middle = 'fault' | 'spike';

/** One sample a moment. */
export const series = (
  metric: string,
  tags: Plain['tags'],
  ...points: readonly [atS: number, value: number][]
): Plain => ({
  metric,
  tags,
  points: points.map(([atS, value]) => [at(atS), value]),
});

/** Every so many seconds from one moment to another, the second left out. */
export function every(stepS: number, fromS: number, toS: number, value: number): [atS: number, value: number][] {
  const count = Math.round((toS - fromS) / stepS);
  return Array.from({ length: count }, (_, i) => [fromS + i * stepS, value]);
}

/** Ten price queries a second through all phases, each answered after 20 ms. */
export function quietUsers(middle: Middle): Plain[] {
  return (['before', middle, 'recovery'] as const).flatMap((phase) => {
    const [fromS, toS] = LENGTHS[phase === middle ? 'middle' : (phase as 'before' | 'recovery')];
    const tags = { ...HOT, phase };
    return [
      series('http_reqs', { ...tags, status: '200' }, ...every(0.1, fromS, toS, 1)),
      series('http_req_duration', { ...tags, status: '200' }, ...every(0.1, fromS, toS, 20)),
      series('fiml_failed', tags, ...every(0.1, fromS, toS, 0)),
      series('iterations', { scenario: 'traffic', phase }, ...every(0.1, fromS, toS, 1)),
    ];
  });
}

/** The fault from 20.2 s to 35.1 s, and looks for it each half a second that see what there is. */
export const faultSigns: readonly Plain[] = [
  series('fiml_fault_events', { event: 'on', fault: 'redis-down', driver: 'toxiproxy' }, [20.2, 1]),
  series('fiml_fault_events', { event: 'off', fault: 'redis-down', driver: 'toxiproxy' }, [35.1, 1]),
  series('fiml_fault_shows', { phase: 'before' }, ...every(0.5, 5, 20, 0)),
  series('fiml_fault_shows', { phase: 'fault' }, ...every(0.5, 20, 21.5, 0), ...every(0.5, 21.5, 35, 1)),
  series('fiml_fault_shows', { phase: 'recovery' }, [35, 1], [35.5, 1], ...every(0.5, 36, 65, 0)),
];

/** Requests that failed at some moments, as the client counts them. */
export const failedAt = (phase: string, layer: string, ...atS: readonly number[]): Plain[] => {
  const tags = { ...HOT, phase };
  const ones = atS.map((one): [number, number] => [one, 1]);
  return [
    series('http_reqs', { ...tags, status: '503' }, ...ones),
    series('fiml_failed', tags, ...ones),
    series('fiml_failures', { ...tags, layer, reason: 'Redis connection refused' }, ...ones),
  ];
};

/** What a run leaves behind in whose middle something was broken, or was asked for. */
export function evidenceOfMiddle(middle: Middle, plains: readonly Plain[]): Evidence {
  const targets = TARGETS.filter(({ id }) => id === `${middle}-recovery`);
  const measured = withRun(evidenceOf(plains, targets), ({ plan }) => ({
    id: middle === 'fault' ? '2026-11-24T10-00-00-redis-down-smoke' : '2026-11-24T10-00-00-load-spike',
    scenario: middle === 'fault' ? 'redis-down' : 'load',
    profile: middle === 'fault' ? 'smoke' : 'spike',
    plan: {
      ...given(plan),
      phases: Object.entries(LENGTHS).map(([name, [startS, endS]]) => ({
        phase: name === 'middle' ? middle : name,
        startMs: startS * 1000,
        endMs: endS * 1000,
      })),
    },
    ...(middle === 'fault' ? { fault: { name: 'redis-down', about: 'Redis refuses connections' } } : {}),
  }));
  // The level before and after is read bucket by bucket, of which each is here as slow as its mean.
  return withResult(measured, (result) => ({
    series: result.series.map((one) => {
      if (one.histogram === undefined) return one;
      const buckets = (one.buckets ?? []).map((bucket) => {
        const histogram = new Histogram();
        for (let i = 0; i < bucket.count; i++) histogram.add(bucket.sum / bucket.count);
        return { ...bucket, histogram: histogram.toSparse() };
      });
      return { ...one, buckets };
    }),
  }));
}
