import { isOverTime, k6Statistic, minimumSamples, seriesKeys, type Target } from '../../thresholds';
import type { Evidence } from '../result/evidence';
import { answered, countIn, mergeSeries, selectSeries, statistic, sumIn } from '../result/query';
import type { Result } from '../result/result';
import type { Run } from '../result/run';
import type { Summary } from '../result/summary';
import type { TargetRow } from '../result/verdict';
import { formatBeside, formatClaim } from '../text/format';
import { type AtWorst, atWorst } from './at-worst';
import { confidenceBound, QUANTILES } from './bound';
import { overTime } from './over-time';

/** What the checks found wrong with the measurement as a whole; null: nothing. */
export interface Flaws {
  readonly blinding: string | null;
  readonly flattering: string | null;
  /** Only of statistics that tell one moment of the run from another. */
  readonly overTime: string | null;
}

interface Measured {
  readonly figures: Pick<TargetRow, 'value' | 'samples' | 'bound'>;
  readonly worst: AtWorst | null;
  /** What the value alone does not say of itself. */
  readonly detail: string | null;
  /** Whether the target holds, where more decides it than the value beside its limit. */
  readonly holds?: boolean;
}

const NOTHING: Measured = { figures: { value: null, samples: 0, bound: null }, worst: null, detail: null };

/**
 * Judges one target.
 *
 * A value beyond its limit is a miss, however few samples it has, as in k6; a pass must be backed by the fewest samples
 * that could prove it, and may not live on failures that were fast. Blinding flaws leave no verdict at all, flattering ones
 * leave the misses: a measurement that makes the server look better cannot excuse a value that is bad even so.
 */
export function judgeTarget(
  target: Target,
  { run, result, summary }: Pick<Evidence, 'run' | 'result' | 'summary'>,
  flaws: Flaws,
): TargetRow {
  const hindrance = result === null ? null : whyNotMeasurable(target, run, result);
  const {
    figures,
    worst,
    detail,
    holds: decided,
  } = result === null || hindrance !== null ? NOTHING : measure(target, run, result, summary);
  const needed = minimumSamples(target);
  const { value, samples } = figures;

  const row = (verdict: TargetRow['verdict'], reason: string | null): TargetRow => ({
    id: target.id,
    title: target.title,
    metric: target.metric,
    selector: target.selector as TargetRow['selector'],
    statistic: target.statistic,
    operator: target.operator,
    limit: target.limit,
    unit: target.unit,
    severity: target.severity,
    source: target.source,
    ...figures,
    minimumSamples: needed,
    margin: value === null || decided !== undefined ? null : marginOf(target, value),
    verdict,
    measurable: hindrance === null,
    reason,
  });

  if (target.severity === 'info') return row('INFO', hindrance);
  const optional = target.severity === 'warn';
  const unclear = (reason: string) => row(optional ? 'WARN' : 'INVALID', reason);
  // First: of a run that shows nothing it cannot even be said that the server is not measurable.
  if (flaws.blinding !== null) return unclear(flaws.blinding);
  if (flaws.overTime !== null && isOverTime(target.statistic)) return unclear(flaws.overTime);
  if (hindrance !== null) return row(optional || target.isOptional === true ? 'WARN' : 'INVALID', hindrance);
  if (value === null) return unclear(detail ?? 'nothing was measured');
  const holds = decided ?? (target.operator === '<' ? value < target.limit : value > target.limit);
  if (!holds) return row(optional ? 'WARN' : 'FAIL', detail);
  if (samples < needed) {
    return unclear(
      `too few samples: ${samples}, and ${formatClaim(target.operator, target.limit, target.unit)} takes ${needed}`,
    );
  }
  if (flaws.flattering !== null) return unclear(flaws.flattering);
  if (worst !== null && worst.value >= target.limit) return unclear(livesOnFailures(target, worst));
  return row('PASS', detail);
}

function measure(target: Target, run: Run, result: Result, summary: Summary | null): Measured {
  const { statistic: name } = target;
  if (isOverTime(name)) return { ...overTime(target, name, run, result), worst: null };
  const selected = selectSeries(result, target.metric, target.selector);
  // A request without an answer has a duration of 0 in k6: failures would make the server look fast.
  const series = target.unit === 'ms' ? selected.filter(answered) : selected;
  const merged = mergeSeries(series);
  const unanswered = mergeSeries(selected).count - merged.count;
  const exact = merged.count > 0 && unanswered === 0 ? exactPercentile(target, summary) : null;
  const value = exact ?? statistic(merged, name);
  const samples = name === 'value' ? sumIn(result, target.guard.metric, target.guard.selector) : merged.count;
  const bound = value === null ? null : confidenceBound(target, merged, series, value, samples);
  return {
    figures: { value, samples, bound: bound === null || value === null ? null : beyond(target, value, bound) },
    worst: atWorst(target, result, merged, unanswered),
    detail: null,
  };
}

/**
 * k6's own percentile: exact where a histogram is within 0.5 %, so that the two cannot fall on different sides of a limit.
 * Null where k6 has none: it keeps sub-metrics of one value a tag.
 */
function exactPercentile(target: Target, summary: Summary | null): number | null {
  const [key = '', ...others] = seriesKeys(target.metric, target.selector);
  if (QUANTILES[target.statistic] === undefined || others.length > 0) return null;
  return summary?.metrics[key]?.values[k6Statistic(target)] ?? null;
}

/** A bound is never nearer to the good side than its value, which may be more exact than what the bound is read from. */
const beyond = ({ operator }: Target, value: number, bound: number): number =>
  operator === '<' ? Math.max(value, bound) : Math.min(value, bound);

function livesOnFailures({ limit, unit, statistic: name }: Target, { failed, asked, value }: AtWorst): string {
  const share = `${failed} of ${asked} failed`;
  return Number.isFinite(value)
    ? `${share}, and counted as the slowest they make it ${formatBeside(value, limit, unit)}`
    : `${share}, more than a ${name === 'mean' ? name : name.toUpperCase()} can leave out`;
}

/** Why this server cannot be measured for a target that not every server can be; null when it can. */
function whyNotMeasurable(target: Target, run: Run, result: Result): string | null {
  if (target.unmeasurable === null) return null;
  // Somebody named the process: what the address tells does not count.
  if (target.statistic === 'leak' && run.serverMemory !== undefined) return null;
  const said = selectSeries(result, 'fiml_unmeasurable', { series: target.id }).find((series) => series.sum > 0);
  if (said !== undefined) {
    return `not measurable on this target: ${said.tags.reason ?? 'no reason given'}. ${target.unmeasurable}`;
  }
  if (target.statistic === 'leak' && isSeveralProcesses(result, target)) {
    return `not measurable on this target: several processes told their memory in turn. ${target.unmeasurable}`;
  }
  return countIn(result, target.metric, target.selector) === 0
    ? `not measurable on this target. ${target.unmeasurable}`
    : null;
}

/** A process keeps its start time; looks that reach one worker after another see several. */
function isSeveralProcesses(result: Result, { selector }: Target): boolean {
  const { min, max } = mergeSeries(selectSeries(result, 'fiml_server_start_time', selector));
  return min !== max;
}

/** Distance to the limit as a share of it, positive inside; a limit of 0 has no such share. */
function marginOf({ operator, limit }: Target, value: number): number | null {
  if (limit === 0) return null;
  return (operator === '<' ? limit - value : value - limit) / limit;
}
