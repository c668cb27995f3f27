import { breakpointInWords, stepInWords } from '../judge/breakpoint';
import { judgedPhases, phasesInWords } from '../result/phases';
import type { Check, TargetRow } from '../result/verdict';
import { formatBeside, formatBytes, formatClaim, formatValue, percent, plural } from '../text/format';
import { nameText } from '../text/printable';
import { isBlinded } from './blinded';
import type { Lost, Moment, TimeLine } from './fault-time-line';
import { missed, SERVER_BUSY_CORES } from './findings';
import { type Report, runInWords } from './model';
import type { Operation } from './operations';
import type { Layers, PhaseFigures } from './phases';
import { operationName, type Slow } from './slow';

/** A report as texts, the same for every form: whoever shows it only lays it out. */
export interface ReportView {
  readonly verdict: string;
  readonly headline: string;
  readonly reasons: readonly string[];
  readonly run: string;
  readonly target: string;
  readonly targets: readonly TargetView[];
  /** Null for a run whose load does not rise in steps. */
  readonly breakpoint: BreakpointView | null;
  readonly operations: readonly OperationView[];
  /** What the operations are of, where that is more than one phase; empty otherwise. */
  readonly operationsOf: string;
  readonly phases: readonly PhaseView[];
  readonly timeLine: TimeLineView | null;
  readonly totals: string;
  readonly slowest: readonly { readonly name: string; readonly p95: string; readonly slow: string }[];
  /** Null where the result lists no slow requests. */
  readonly slow: SlowView | null;
  readonly cache: { readonly hitRate: string; readonly lines: readonly string[] };
  readonly failures: readonly {
    readonly layer: string;
    readonly operation: string;
    readonly reason: string;
    readonly count: string;
    readonly share: string;
  }[];
  readonly bottlenecks: readonly FindingView[];
  /** Said when none is named: why. */
  readonly noBottleneck: string;
  readonly recommendations: readonly { readonly text: string; readonly because: string }[];
  readonly nextSteps: readonly string[];
  readonly checks: readonly { readonly mark: string; readonly title: string; readonly detail: string }[];
  readonly identity: readonly { readonly name: string; readonly value: string }[];
}

export interface TargetView {
  readonly id: string;
  readonly verdict: string;
  readonly title: string;
  readonly value: string;
  readonly limit: string;
  readonly bound: string;
  readonly margin: string;
  readonly samples: string;
  readonly severity: string;
  readonly reason: string;
}

export interface BreakpointView {
  readonly sentence: string;
  readonly steps: readonly {
    readonly offered: string;
    readonly carriedOut: string;
    readonly p95: string;
    readonly failed: string;
    readonly outcome: string;
  }[];
}

export interface OperationView {
  readonly name: string;
  readonly requests: string;
  readonly perSecond: string;
  readonly p50: string;
  readonly p95: string;
  readonly p99: string;
  readonly failed: string;
}

export interface PhaseView extends OperationView {
  readonly length: string;
}

export interface SlowView {
  /** How many were slow, and of what. */
  readonly sentence: string;
  /** Which symbols and queries come back among them; empty where none does. */
  readonly subjects: string;
  /** The slowest of them; none where nothing was slow. */
  readonly requests: readonly {
    readonly duration: string;
    readonly at: string;
    readonly phase: string;
    readonly operation: string;
    readonly subject: string;
    readonly layer: string;
  }[];
  /** Said where not all slow ones are shown; empty otherwise. */
  readonly more: string;
  readonly advice: readonly string[];
}

export interface TimeLineView {
  /** `the fault: Redis refuses connections`. */
  readonly title: string;
  /** What the times count from. */
  readonly since: string;
  readonly moments: readonly { readonly at: string; readonly what: string; readonly detail: string }[];
  readonly lost: readonly string[];
}

interface FindingView {
  readonly what: string;
  readonly evidence: string;
}

/** Stands where there is no figure. */
const NONE = '–';
const SLOWEST_SHOWN = 5;
const SLOW_SHOWN = 10;
const SUBJECTS_SHOWN = 5;

export function viewOf(report: Report): ReportView {
  const { verdict, run, totals, findings } = report;
  const { identity } = run;
  const failed = report.failures.reduce((sum, { count }) => sum + count, 0);
  return {
    verdict: verdict.verdict,
    headline: report.headline,
    reasons: verdict.reasons,
    run: runInWords(run),
    target: targetInWords(report),
    targets: verdict.targets.map(targetView),
    breakpoint: breakpointView(report),
    operations: report.operations.map(operationView),
    operationsOf: judgedPhases(run).length > 1 ? `Over ${phasesInWords(run)} together.` : '',
    phases: report.phases.map(phaseView),
    timeLine: report.timeLine === null ? null : timeLineView(report.timeLine, run.fault?.about ?? null),
    totals: [
      `${totals.requests} requests in ${phasesInWords(run)}`,
      ...(totals.perSecond === null ? [] : [`${totals.perSecond.toFixed(1)} a second`]),
      `${totals.failed} failed`,
      `${totals.dropped} iterations dropped`,
    ].join(', '),
    slowest: report.operations.slice(0, SLOWEST_SHOWN).map((operation) => ({
      name: operationName(operation),
      p95: duration(operation.p95Ms),
      slow: operation.slowShare === null ? NONE : percent(operation.slowShare, 2),
    })),
    slow: report.slow === null ? null : slowView(report.slow, run.k6.startedAtMs, SLOW_SHOWN),
    cache: cacheView(report),
    failures: report.failures.map(({ layer, operation, reason, count }) => ({
      layer: nameText(layer),
      operation: nameText(operation),
      reason,
      count: String(count),
      share: percent(count / failed),
    })),
    bottlenecks: findings.filter(({ kind }) => kind === 'bottleneck'),
    noBottleneck: noBottleneck(report),
    recommendations: findings.map(({ recommendation, what, evidence }) => ({
      text: recommendation,
      because: `${what}: ${evidence}`,
    })),
    nextSteps: report.nextSteps,
    checks: verdict.checks.map((check) => ({ mark: markOf(check), title: check.title, detail: check.detail })),
    identity: [
      ['run', `${run.id}, ${run.createdAt}`],
      ['target', targetInWords(report)],
      [
        'suite',
        `${identity.suiteVersion}, commit ${identity.commit ?? 'unknown'}${identity.dirty ? ' with changes' : ''}`,
      ],
      ['k6', identity.k6Version],
      ['node', identity.nodeVersion],
      [
        'machine',
        `${identity.host.cpus} × ${identity.host.cpuModel}, ${gigabytes(identity.host.memoryBytes)}, ${identity.host.os}`,
      ],
      [
        'generator',
        report.generator.meanShare === null
          ? 'CPU unknown: this system does not tell'
          : `used or waited for ${percent(report.generator.meanShare, 0)} of its CPU on average, at most ${percent(report.generator.highestShare ?? 0, 0)}`,
      ],
      ['server process', serverInWords(report)],
      ['options', optionsInWords(report)],
      ...(report.overflow === null ? [] : [['series', report.overflow]]),
    ].map(([name = '', value = '']) => ({ name, value })),
  };
}

function markOf({ kind, ok, unchecked }: Check): string {
  if (!ok) return kind;
  if (unchecked) return 'not checked';
  return kind === 'note' ? 'note' : 'holds';
}

function noBottleneck({ verdict, generator, server, cache }: Report): string {
  if (isBlinded(verdict)) return 'None is named: this run says nothing about the server.';
  const rows = (...ids: readonly string[]) =>
    verdict.targets.filter(({ id, value }) => ids.includes(id) && value !== null);
  const [cached, provider, dsl] = [
    rows('cache-hit-rate'),
    rows('provider-success', 'p95-cold'),
    rows('p95-dsl', 'task-completion'),
  ];
  const looks: readonly (readonly [what: string, isKnown: boolean, isSound: boolean])[] = [
    ['the load generator', generator.meanShare !== null, true],
    ['the server’s CPU', server.cpuCores !== null, (server.cpuCores ?? 0) < SERVER_BUSY_CORES],
    ['the cache', cache.hitRate !== null, !cached.some(missed)],
    ['the provider', provider.length > 0, !provider.some(missed)],
    ['FK-DSL execution', dsl.length > 0, !dsl.some(missed)],
  ];
  const sound = looks.flatMap(([what, isKnown, isSound]) => (isKnown && isSound ? [what] : []));
  const unknown = looks.flatMap(([what, isKnown]) => (isKnown ? [] : [what]));
  return [
    'None stands out.',
    ...(sound.length === 0 ? [] : [`Sound by their figures: ${sound.join(', ')}.`]),
    ...(unknown.length === 0 ? [] : [`Not measured in this run: ${unknown.join(', ')}.`]),
  ].join(' ');
}

export function targetView(row: TargetRow): TargetView {
  const { value, margin, limit, unit, operator, statistic } = row;
  // A growth fails where it is also more than chance, which its reason says: beside the limit its bound would look like a miss.
  const bound = isGrowth(statistic) ? null : row.bound;
  // A recovery is as exact as the time buckets of the result.
  const about = statistic === 'recovery' && row.reason === null ? 'at most ' : '';
  return {
    id: row.id,
    verdict: row.verdict,
    title: nameText(row.title),
    value: value === null ? NONE : `${about}${formatBeside(value, limit, unit).replace(/^-/, '−')}`,
    limit: formatClaim(operator, limit, unit),
    bound: bound === null || row.verdict === 'INVALID' ? NONE : formatBeside(bound, limit, unit),
    // Of a value that says nothing neither does its distance from the limit.
    margin: margin === null || row.verdict === 'INVALID' ? NONE : signed(margin),
    samples: `${row.samples} (${row.minimumSamples})`,
    severity: row.severity,
    reason: row.reason ?? '',
  };
}

const isGrowth = (statistic: string): boolean => statistic === 'leak' || statistic.endsWith('-drift');

function breakpointView({ breakpoint, verdict }: Report): BreakpointView | null {
  if (breakpoint === null) return null;
  return {
    sentence: isBlinded(verdict)
      ? 'This run says nothing about the server, and so nothing about its capacity.'
      : breakpointInWords(breakpoint),
    steps: breakpoint.steps.map((step) => {
      const [offered = '', carriedOut = '', p95 = '', failed = '', outcome = ''] = stepInWords(step);
      return { offered, carriedOut, p95, failed, outcome };
    }),
  };
}

function operationView(operation: Operation): OperationView {
  const { requests, perSecond, failed } = operation;
  return {
    name: operationName(operation),
    requests: String(requests),
    perSecond: perSecond === null ? NONE : perSecond.toFixed(1),
    p50: duration(operation.p50Ms),
    p95: duration(operation.p95Ms),
    p99: duration(operation.p99Ms),
    failed: failed === 0 ? '0' : `${failed} (${percent(failed / requests)})`,
  };
}

function phaseView({ phase, lengthMs, layers, ...figures }: PhaseFigures): PhaseView {
  const view = operationView({ ...figures, name: phase, op: '', cache: '', slowShare: null });
  return { ...view, length: formatValue(lengthMs / 1000, 's'), failed: `${view.failed}${byLayer(layers)}` };
}

/**
 * @param sinceMs what times are counted from, epoch ms. @param most requests to be shown.
 */
export function slowView(
  { requests, slowMs, slow, kept, operations, subjects, advice }: Slow,
  sinceMs: number,
  most: number,
): SlowView {
  const shown = kept.filter(({ durationMs }) => durationMs > slowMs).slice(0, most);
  const [slowest] = kept;
  const limit = formatValue(slowMs / 1000, 's');
  const none = `None of ${plural(requests, 'request')} took more than ${limit}`;
  const some = `${slow} of ${plural(requests, 'request')} took more than ${limit}`;
  const list = (counts: Slow['subjects']) => counts.map(({ name, count }) => `${name} ${count}`).join(', ');
  return {
    sentence:
      slow === 0
        ? `${none}${slowest === undefined ? '' : `; the slowest was ${operationName(slowest)} with ${duration(slowest.durationMs)}`}.`
        : `${some}${slow > kept.length ? `; of the slowest ${kept.length}` : ''}: ${list(operations)}.`,
    subjects: subjects.length === 0 ? '' : `Most often for ${list(subjects.slice(0, SUBJECTS_SHOWN))}.`,
    requests: shown.map((request) => ({
      duration: formatValue(request.durationMs / 1000, 's'),
      at: formatValue((request.atMs - sinceMs) / 1000, 's'),
      phase: request.phase === '' ? NONE : request.phase,
      operation: operationName(request),
      subject: request.subject || NONE,
      layer: request.layer ?? NONE,
    })),
    more: slow > shown.length ? `${slow - shown.length} more were slow.` : '',
    advice,
  };
}

const byLayer = (layers: Layers): string =>
  layers.length === 0 ? '' : `: ${layers.map(({ layer, count }) => `${layer} ${count}`).join(', ')}`;

const timeLineView = ({ of, moments, lost }: TimeLine, about: string | null): TimeLineView => ({
  title: about === null ? `the ${of}` : `the ${of}: ${about}`,
  since: of === 'fault' ? 'after the fault was made' : 'after the spike began',
  moments: moments.map(({ what, detail, ...moment }) => ({ at: momentInWords(moment), what, detail })),
  lost: lost.map(lostInWords),
});

function momentInWords({ atS, within }: Pick<Moment, 'atS' | 'within'>): string {
  if (atS === null) return NONE;
  return `${within ? 'within ' : ''}${atS.toFixed(1)} s`;
}

function lostInWords({ phase, asked, failed, layers, neverBegan }: Lost): string {
  const share = asked === 0 ? '' : ` (${percent(failed / asked)})`;
  const never = neverBegan === 0 ? '' : `; about ${plural(neverBegan, 'iteration')} never began`;
  return `lost in the phase ${phase}: ${failed} of ${plural(asked, 'request')}${share}${byLayer(layers)}${never}`;
}

function cacheView({ cache, operations }: Report): ReportView['cache'] {
  const best = cache.bestHitRate === null ? '' : `; at best ${percent(cache.bestHitRate)} with this traffic`;
  const latency = (kind: string) =>
    operations
      .filter((operation) => operation.cache === kind)
      .map(
        (operation) =>
          `${operationName(operation)}: P50 ${duration(operation.p50Ms)}, P95 ${duration(operation.p95Ms)}`,
      );
  return {
    hitRate:
      cache.hitRate === null
        ? (cache.hitRateProblem ?? NONE)
        : `${percent(cache.hitRate, 2)} of ${cache.reads} reads${best}`,
    lines: [...latency('hot'), ...latency('cold'), ...latency('fill')],
  };
}

const targetInWords = ({ run: { target } }: Report): string => {
  const { version, environment } = target.before ?? { version: null, environment: null };
  const server = target.kind === 'embedded' ? 'the embedded server' : target.url;
  return `${server}${version === null ? '' : `, FIML ${version}`}${environment === null ? '' : ` (${environment})`}`;
};

function serverInWords({ run, server: { cpuCores, memory } }: Report): string {
  const cpu = cpuCores === null ? 'CPU unknown' : `${cpuCores.toFixed(2)} CPU cores`;
  if (memory === null || memory.trend === null) return `${cpu}, memory unknown`;
  const [from, to] = memory.trend.map(({ bytes }) => formatBytes(bytes));
  const source = memory.source === 'read' ? 'as read from its process' : 'as it told';
  return `${cpu}, ${from} resident at the start of ${phasesInWords(run)}, ${to} at the end, ${source} and by their trend`;
}

function optionsInWords({ run: { options } }: Report): string {
  const given = Object.entries(options).filter(([, { source }]) => source !== 'default');
  if (given.length === 0) return 'all defaults';
  return given.map(([name, { value, source }]) => `${name}=${value} (${source})`).join(', ');
}

const duration = (ms: number | null): string => (ms === null ? NONE : formatValue(ms, 'ms'));
const signed = (share: number): string => `${share < 0 ? '−' : '+'}${percent(Math.abs(share), 0)}`;
const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
