import { isOverTime, minimumSamples, type Selector, type Target } from './target';

/** k6's `options.thresholds`. */
export type K6Thresholds = Record<string, string[]>;

/** A threshold that ends the test when it is crossed. */
export interface K6Stop {
  readonly threshold: string;
  readonly abortOnFail: true;
  readonly delayAbortEval: string;
}

/** Counted by the script when it has seen the load break the server. */
export const BROKEN = 'fiml_broken';
const STOPS: Readonly<Record<string, string>> = {
  [BROKEN]: 'count<1',
  // Of all since the rise began, so that the steps after the break must fail by far.
  'fiml_failed{phase:rise}': 'rate<0.1',
};

/**
 * Thresholds by which k6 ends a rising load when it has broken the server: more of it would only be damage. They end the
 * load and judge nothing, so that they need not be exact.
 *
 * @param fromMs after the test's start: before, there are too few samples to stop for.
 */
export const k6Stops = (fromMs: number): Record<string, K6Stop[]> =>
  Object.fromEntries(
    Object.entries(STOPS).map(([key, threshold]) => [
      key,
      [{ threshold, abortOnFail: true, delayAbortEval: `${Math.ceil(fromMs)}ms` }],
    ]),
  );

/** Whether a threshold in k6's end-of-test data is one of those that only end the load. */
export const isStop = (key: string, expression: string): boolean => STOPS[key] === expression;

/**
 * Renders targets to k6 thresholds, so that a plain `k6 run` gates by the limits that the judge applies.
 *
 * - A gating target also demands its smallest number of samples of its guard's counter: k6 passes any threshold on a
 *   series that has no samples.
 * - A target that does not gate, or that not every server must be measurable for, becomes an empty list, by which k6 keeps the series for the end-of-test text without
 *   judging it.
 * - Of a statistic over time k6 knows nothing: its series is kept, its samples are demanded, and the judge decides.
 * - k6 selects by equality only. A selector that names several values becomes one threshold each; holding for each part
 *   implies holding for all together, so this is never more lenient than the judge.
 */
export function k6Thresholds(targets: readonly Target[]): K6Thresholds {
  const thresholds: K6Thresholds = {};
  const put = (key: string, expression: string | null) => {
    const expressions = thresholds[key] ?? [];
    thresholds[key] =
      expression === null || expressions.includes(expression) ? expressions : [...expressions, expression];
  };
  for (const target of targets) {
    const gates = target.severity === 'fail' && target.isOptional !== true;
    const known = gates && !isOverTime(target.statistic);
    for (const key of seriesKeys(target.metric, target.selector)) put(key, known ? expressionOf(target) : null);
    const guards = seriesKeys(target.guard.metric, target.guard.selector);
    const needed = guards.length === 1 ? minimumSamples(target) : 1;
    for (const key of guards) put(key, gates ? `count>=${needed}` : null);
  }
  return thresholds;
}

/** `metric{tag:value,…}` of every combination that a selector allows. */
export function seriesKeys(metric: string, selector: Selector): string[] {
  let combinations: string[][] = [[]];
  for (const [tag, wanted] of Object.entries(selector)) {
    const values = typeof wanted === 'string' ? [wanted] : wanted;
    combinations = combinations.flatMap((pairs) => values.map((value) => [...pairs, `${tag}:${value}`]));
  }
  return combinations.map((pairs) => (pairs.length === 0 ? metric : `${metric}{${pairs.join(',')}}`));
}

function expressionOf(target: Target): string {
  return `${k6Statistic(target)}${target.operator}${target.limit}`;
}

/** The name under which k6 knows a target's statistic, in thresholds and in its end-of-test data. */
export function k6Statistic(target: Pick<Target, 'statistic'>): string {
  switch (target.statistic) {
    case 'p50':
      return 'med';
    case 'p95':
      return 'p(95)';
    case 'p99':
      return 'p(99)';
    case 'mean':
      return 'avg';
    default:
      return target.statistic;
  }
}

/** Statistics of Trends that the end-of-test data must hold: what thresholds use, and the count that shows emptiness. */
export const SUMMARY_TREND_STATS = ['count', 'avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)'];
