import { formatTime } from '../../history/text';
import type { HistoryView } from '../../history/trend';
import { judgedPhases } from '../../result/phases';
import { answered, mergeSeries, selectSeries } from '../../result/query';
import type { Result } from '../../result/result';
import { VERDICTS } from '../../result/verdict';
import { percent, plural } from '../../text/format';
import { shortened } from '../../text/shortened';
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
      story: storyOf(view),
      about: [`${view.run} on ${view.target}, ${formatTime(Date.parse(report.run.createdAt))} UTC`],
      reasonsTitle: 'Why',
      ...splitReasons(view.reasons.map(capital)),
      facts: factsOf(report),
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
      history: history === null ? null : historyOf(history),
      reproduction: report.reproduction,
    },
  );
}

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
    { name: 'Requests, judged', value: String(Math.round(requests)) },
    { name: 'A second', value: perSecond === null ? '–' : `${perSecond.toFixed(1)} /s` },
    { name: 'Failed', value: requests === 0 ? '–' : `${Math.round(failed)} (${percent(failed / requests, 2)})` },
    { name: 'Iterations that never began', value: String(Math.round(dropped)) },
    ...(hitRate === null ? [] : [{ name: 'Cache hit rate', value: percent(hitRate, 2) }]),
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
    const { histogram } = mergeSeries(selectSeries(result, 'http_req_duration', selector).filter(answered));
    const title = [name, op, cache].filter((tag) => tag !== '').join(' · ');
    return histogram === null ? [] : [{ title: shortened(title, LONGEST_NAME), sides: [{ side: '', histogram }] }];
  });
  const range = rangeOf(shown.flatMap(({ sides }): Distribution[] => sides));
  return shown.flatMap(({ title, sides }) => distributionFigure(title, sides, range) ?? []);
}

const historyOf = (history: HistoryView) => ({
  figures: historyFigures(history),
  notes: history.notes.map(({ atMs, text }) => `${formatTime(atMs)} ${text}`),
});
