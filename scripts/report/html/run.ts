import { formatSize } from '../../compare/text';
import { effectOf, formatTime } from '../../history/text';
import type { HistoryView } from '../../history/trend';
import type { Breakpoint } from '../../judge/breakpoint';
import { judgedPhases } from '../../result/phases';
import { answered, mergeSeries, quantile, selectSeries } from '../../result/query';
import type { Result } from '../../result/result';
import { VERDICTS } from '../../result/verdict';
import { formatValue, grouped, percent, plural } from '../../text/format';
import { shortened } from '../../text/shortened';
import { isBlinded } from '../blinded';
import type { Report } from '../model';
import type { Operation } from '../operations';
import type { ReportView } from '../view';
import { type Distribution, distributionFigure, rangeOf } from './distribution';
import { errorsFigure } from './errors';
import type { Figure } from './figure';
import { HEAT_SLOTS, heatMapFigure } from './heat-map';
import { historyFigures } from './history';
import { kneeFigure } from './knee';
import { latencyFigures } from './latency';
import { memoryFigure } from './memory';
import { page, splitReasons, toneOf } from './page';
import { throughputFigure } from './throughput';
import { timeOf } from './time';

/** What a page shows of a run beside the report's figures. */
export interface RunPageData {
  /** Null when no sample could be read: the page then has no plot. */
  readonly result: Result | null;
  /** Of this scenario and profile, up to this run; null where none is kept. */
  readonly history: HistoryView | null;
}

/** Operations that are drawn, the slowest ones; the table has the others. */
const MOST_DRAWN = 12;
/** Rows of a table: a foreign script may have thousands, and the page has a size to keep. */
const MOST_ROWS = 600;
const MOST_FAILURES = 100;
/** From so many on a table is closed at first. */
const MANY_OPERATIONS = 12;
const LONGEST_NAME = 80;

const MEANINGS: Readonly<Record<string, string>> = {
  PASS: 'The server meets its targets',
  WARN: 'The server meets what is required of it, but not everything holds',
  FAIL: 'The server misses its targets',
  INVALID: 'This run cannot tell whether the server meets its targets',
};

/** `report.html`: a judged run as one page that needs nothing beside it. */
export function runHtml(report: Report, view: ReportView, { result, history }: RunPageData): string {
  const { verdict } = report;
  const flaws = verdict.checks.filter(({ ok }) => !ok).map(({ detail }) => detail);
  const drawn = result === null ? NOTHING_DRAWN : drawnOf(report, result);
  return page(
    'run',
    {
      title: `${verdict.verdict}: ${view.run}`,
      verdict: verdict.verdict,
      meaning: MEANINGS[verdict.verdict] ?? '',
      headline: capital(view.headline),
      story: [...storyOf(view), ...(history === null ? [] : worsened(history))],
      about: [`${view.run} on ${view.target}, ${formatTime(Date.parse(report.run.createdAt))} UTC`],
      reasonsTitle: 'Why',
      ...splitReasons(view.reasons.map(capital)),
      // What to look at tells more than that it is to be measured again.
      next:
        (verdict.verdict === 'FAIL' ? view.recommendations[0]?.text : undefined) ??
        view.nextSteps[0] ??
        view.recommendations[0]?.text ??
        '',
      facts: report.breakpoint === null ? factsOf(report) : capacityFacts(report, report.breakpoint),
    },
    {
      ...view,
      ...drawn,
      targets: [...view.targets]
        .sort((a, b) => rankOf(a.verdict) - rankOf(b.verdict))
        .map((row) => ({
          ...row,
          // What all rows owe to one flaw is said once, on top.
          reason: flaws.includes(row.reason) ? '' : row.reason,
          tone: toneOf(row.verdict),
        })),
      unreliable: isBlinded(verdict)
        ? 'what spoiled the measurement (see above) is in every figure and plot down to the errors by layer.'
        : '',
      cache: {
        ...view.cache,
        lines: view.cache.lines.slice(0, MOST_DRAWN),
        unlisted: leftOut(
          view.cache.lines.length,
          MOST_DRAWN,
          'kind of read',
          'are listed; the table of operations has all',
        ),
      },
      operations: view.operations.slice(0, MOST_ROWS).map((operation, at) => ({
        ...operation,
        name: shortened(operation.name, LONGEST_NAME),
        slow: slowInWords(report.operations[at]),
      })),
      manyOperations: view.operations.length > MANY_OPERATIONS,
      undrawn: leftOut(view.operations.length, MOST_DRAWN, 'operation', 'are drawn, the slowest; the table has all'),
      unlisted: leftOut(view.operations.length, MOST_ROWS, 'operation', 'are listed, the slowest; result.json has all'),
      failures: view.failures.slice(0, MOST_FAILURES).map((failure) => ({
        ...failure,
        operation: shortened(failure.operation, LONGEST_NAME),
        reason: shortened(failure.reason, LONGEST_NAME),
      })),
      unlistedFailures: leftOut(
        view.failures.length,
        MOST_FAILURES,
        'kind of failure',
        'are listed, the most frequent; result.json has all',
      ),
      history: history === null ? null : historyOf(history, report.run.id),
      reproduction: report.reproduction,
    },
  );
}

/** Levels that are now worse for sure: a run that passes may still be the end of a slow decline. */
const worsened = ({ trends, runs }: HistoryView): string[] =>
  trends.flatMap(({ measure, changes }) => {
    const change = changes.filter(({ status }) => status !== 'went away').at(-1);
    const since = runs[change?.index ?? -1];
    return change?.status !== 'confirmed' || since === undefined || effectOf(change, measure) !== 'worse'
      ? []
      : [
          `Compared with earlier runs: ${measure.title} is worse by ${formatSize(measure, Math.abs(change.change))} since ${formatTime(since.startedAtMs)} UTC (see History).`,
        ];
  });

/** What was done to the server, and what became of it: a fault that nobody knows of makes every figure a riddle. */
const storyOf = ({ timeLine, breakpoint }: ReportView): string[] => [
  ...(timeLine === null ? [] : [[timeLine.title, ...timeLine.lost].map((line) => `${capital(line)}.`).join(' ')]),
  ...(breakpoint === null ? [] : [breakpoint.sentence]),
];

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function rankOf(verdict: string): number {
  const rank = (VERDICTS as readonly string[]).indexOf(verdict);
  return rank < 0 ? VERDICTS.length : rank;
}

/** Says how many of something are not shown; empty where all are. */
const leftOut = (count: number, most: number, noun: string, where: string): string =>
  count <= most ? '' : `${most} of ${plural(count, noun)} ${where}.`;

function factsOf({ totals: { requests, perSecond, failed, dropped }, cache: { hitRate } }: Report) {
  return [
    { name: 'Requests measured', value: grouped(requests) },
    { name: 'Requests a second', value: perSecond === null ? '–' : perSecond.toFixed(1) },
    { name: 'Requests failed', value: requests === 0 ? '–' : `${grouped(failed)} (${percent(failed / requests, 2)})` },
    { name: 'Users’ turns skipped for want of a free user', value: grouped(dropped) },
    ...(hitRate === null ? [] : [{ name: 'Cache hit rate', value: percent(hitRate, 2) }]),
  ];
}

/** What a rising load is run for; how much was asked in vain beyond the capacity is its purpose, and no figure of the server. */
function capacityFacts({ server: { cpuCores } }: Report, { steps, last, first }: Breakpoint) {
  const [at, broken] = [steps[last ?? -1], steps[first ?? -1]];
  return [
    {
      name: 'Capacity, users’ turns a second',
      value: at === undefined ? 'none' : `${broken === undefined ? 'at least ' : ''}${Math.round(at.ratePerS)} /s`,
    },
    ...(broken === undefined ? [] : [{ name: 'First rate that breaks', value: `${Math.round(broken.ratePerS)} /s` }]),
    ...(at === undefined
      ? []
      : [
          { name: 'P95 at the capacity', value: at.p95Ms === null ? '–' : formatValue(at.p95Ms, 'ms') },
          { name: 'Failed at the capacity', value: at.failedShare === null ? '–' : percent(at.failedShare, 2) },
        ]),
    ...(cpuCores === null ? [] : [{ name: 'CPU cores of the server', value: cpuCores.toFixed(2) }]),
  ];
}

const slowInWords = (operation: Operation | undefined): string =>
  operation === undefined || operation.slowShare === null ? '–' : percent(operation.slowShare, 2);

interface Drawn {
  readonly overTime: readonly Figure[];
  readonly knee: readonly Figure[];
  readonly errors: readonly Figure[];
  readonly distributions: readonly Figure[];
}

const NOTHING_DRAWN: Drawn = { overTime: [], knee: [], errors: [], distributions: [] };

function drawnOf(report: Report, result: Result): Drawn {
  const { run, timeLine, verdict } = report;
  const time = timeOf(run, result, timeLine);
  const leak = verdict.targets.find(({ statistic }) => statistic === 'leak') ?? null;
  const memory = memoryFigure(run, result, time, leak);
  const leaks = leak?.verdict === 'FAIL';
  return {
    overTime: [
      ...(leaks ? [memory] : []),
      ...latencyFigures(verdict, result, time),
      throughputFigure(run, result, time),
      heatMapFigure(result, timeOf(run, result, timeLine, HEAT_SLOTS)),
      ...(leaks ? [] : [memory]),
    ].filter((figure) => figure !== null),
    knee: [kneeFigure(report) ?? []].flat(),
    errors: [errorsFigure(result, time) ?? []].flat(),
    distributions: distributionsOf(report, result),
  };
}

function distributionsOf({ operations, run }: Report, result: Result): Figure[] {
  const phase = judgedPhases(run);
  const shown = operations.slice(0, MOST_DRAWN).flatMap(({ name, op, cache }) => {
    // A series without a name is listed as unnamed.
    const selector = { name: name === 'unnamed' ? ['', name] : name, op, cache, phase };
    const merged = mergeSeries(selectSeries(result, 'http_req_duration', selector).filter(answered));
    const { histogram } = merged;
    const title = [name, op, cache].filter((tag) => tag !== '').join(' · ');
    return histogram === null
      ? []
      : [
          {
            title: shortened(title, LONGEST_NAME),
            sides: [{ side: '', histogram, quantile: (q: number) => quantile(merged, q) }],
          },
        ];
  });
  const range = rangeOf(shown.flatMap(({ sides }): Distribution[] => sides));
  return shown.flatMap(({ title, sides }) => distributionFigure(title, sides, range) ?? []);
}

const historyOf = (history: HistoryView, runId: string) => ({
  figures: historyFigures(history, runId),
  notes: history.notes.map(({ atMs, text }) => `${formatTime(atMs)} ${text}`),
});
