import picocolors from 'picocolors';
import { printable } from '../text/printable';
import { shortened } from '../text/shortened';
import { table } from '../text/table';
import { colorOf } from './verdict-color';
import type { ReportView } from './view';

const LONGEST_NAME = 48;

/** The end-of-run text: verdict and reasons, every target beside its limit, every operation, what spoiled the run. */
export function consoleText(view: ReportView, enableColors: boolean): string {
  const colors = picocolors.createColors(enableColors);
  const word = (verdict: string) => colorOf(colors, verdict)(verdict);
  const spoiled = view.checks.filter(({ mark }) => mark === 'blinding' || mark === 'flattering');
  const notes = view.checks.filter(({ mark }) => mark === 'note');
  return [
    '',
    `${word(view.verdict)}  ${printable(view.run)} on ${printable(view.target)}: ${view.headline}`,
    ...view.reasons.map((reason) => `  - ${printable(reason)}`),
    '',
    table(
      ['target', 'verdict', 'value', 'limit', '95 % bound', 'margin', 'samples (needed)'],
      view.targets.map((row) => [
        shortened(row.title, LONGEST_NAME),
        word(row.verdict),
        row.value,
        row.limit,
        row.bound,
        row.margin,
        row.samples,
      ]),
      [2, 4, 5, 6],
    ),
    ...breakpointLines(view),
    '',
    table(
      ['operation', 'requests', '/s', 'P50', 'P95', 'P99', 'failed'],
      view.operations.map((row) => [
        shortened(row.name, LONGEST_NAME),
        row.requests,
        row.perSecond,
        row.p50,
        row.p95,
        row.p99,
        row.failed,
      ]),
      [1, 2, 3, 4, 5, 6],
    ),
    ...phaseLines(view),
    ...timeLineLines(view),
    printable(view.totals),
    `cache hit rate: ${printable(view.cache.hitRate)}`,
    ...view.bottlenecks.map(({ what, evidence }) => `bottleneck: ${what}: ${printable(evidence)}`),
    ...(spoiled.length === 0 ? [measurementLine(view)] : []),
    ...notes.map(({ detail }) => `note: ${printable(detail)}`),
    '',
  ].join('\n');
}

function measurementLine({ checks }: ReportView): string {
  const of = (mark: string) => checks.filter((one) => one.mark === mark).length;
  const unchecked = of('not checked');
  return `measurement: all ${of('holds')} checks hold${unchecked === 0 ? '' : `, ${unchecked} more had nothing to look at`}`;
}

/** Nothing of a run with one phase: its operations say the same. */
function phaseLines({ phases, operationsOf }: ReportView): string[] {
  if (phases.length === 0) return [];
  return [
    printable(operationsOf),
    '',
    table(
      ['phase', 'length', 'requests', '/s', 'P50', 'P95', 'P99', 'failed'],
      phases.map((row) => [
        shortened(row.name, LONGEST_NAME),
        row.length,
        row.requests,
        row.perSecond,
        row.p50,
        row.p95,
        row.p99,
        printable(row.failed),
      ]),
      [1, 2, 3, 4, 5, 6],
    ),
    '',
  ];
}

function timeLineLines({ timeLine }: ReportView): string[] {
  if (timeLine === null) return [];
  return [
    printable(timeLine.title),
    table(
      [timeLine.since, 'what happened', ''],
      timeLine.moments.map(({ at, what, detail }) => [at, printable(what), printable(detail)]),
      [0],
    ),
    ...timeLine.lost.map(printable),
    '',
  ];
}

function breakpointLines({ breakpoint }: ReportView): string[] {
  if (breakpoint === null) return [];
  return [
    '',
    breakpoint.sentence,
    table(
      ['step', 'carried out', 'P95', 'failed', 'targets'],
      breakpoint.steps.map(({ offered, carriedOut, p95, failed, outcome }) => [
        offered,
        carriedOut,
        p95,
        failed,
        outcome,
      ]),
      [0, 1, 2, 3],
    ),
  ];
}
