import { formatChange, formatMeasure } from '../compare/text';
import type { HistoryNote } from '../result/history';
import type { Observation } from '../result/observation';
import { shownCommit } from '../text/commit';
import { plural } from '../text/format';
import { printable } from '../text/printable';
import { CANDIDATE_FROM, type ChangePoint, CONFIRMED_FROM } from './change-points';
import { columnOf, sparkline } from './sparkline';
import type { HistoryView, Trend } from './trend';

const WIDTH = 72;

/** A history on a terminal: each measure's course, where it changed, and the notes. */
export function historyText(view: HistoryView): string {
  const { name, runs, notes, trends, invalid, foreign, differing } = view;
  const [first, last] = [runs[0], runs.at(-1)];
  const leftOut = [
    ...(invalid === 0 ? [] : [plural(invalid, 'invalid run')]),
    ...(foreign === 0
      ? []
      : [`${plural(foreign, 'run')} under other conditions (${differing.map(printable).join(', ')})`]),
  ];
  return [
    first === undefined || last === undefined
      ? printable(`${name}: no run to show yet`)
      : printable(
          `${name}: ${plural(runs.length, 'run')} from ${formatTime(first.startedAtMs)} to ${formatTime(last.startedAtMs)} (UTC)`,
        ),
    ...(leftOut.length === 0 ? [] : [`left out: ${leftOut.join('; ')}`]),
    ...(runs.length > 0 && trends.length === 0
      ? ['its newest run has no measure that decides: name another with --measure']
      : []),
    ...trends.flatMap((trend) => ['', ...trendLines(trend, view)]),
    ...(trends.some(({ changes }) => changes.length > 0) ? ['', ...LEGEND] : []),
    ...(notes.length === 0 ? [] : ['', 'notes', ...notes.map((note) => `  ${noteInWords(note)}`)]),
    '',
  ].join('\n');
}

const LEGEND = [
  `▲ ▼ level changed, confirmed by ${CONFIRMED_FROM} runs or more.  △ ▽ candidate: wait for ${CONFIRMED_FROM} runs.  Without a mark: the level came back.`,
  'Before and after are medians of the runs; the interval is where the true change lies, 19 times out of 20.',
];

function trendLines(trend: Trend, view: HistoryView): string[] {
  const { measure, values, changes, levels } = trend;
  const title = `${printable(measure.title)}  (${printable(measure.id)})`;
  const measured = values.filter((value) => value !== null);
  const [newest, level] = [measured.at(-1), levels.at(-1)];
  if (newest === undefined || level === undefined) return [title, '  not measured yet'];
  const missing = values.length - measured.length;
  const among = levels.length === 1 ? plural(level.runs, 'run') : `${plural(level.runs, 'run')} since the last change`;
  const marks = markLine(trend);
  return [
    title,
    `  ${sparkline(values, WIDTH)}`,
    ...(marks === '' ? [] : [`  ${marks}`]),
    `  newest ${formatMeasure(newest, measure.unit)}; median of ${among} ${formatMeasure(level.median, measure.unit)}` +
      (missing === 0 ? '' : `; not measured, or too little of it, in ${plural(missing, 'run')}`),
    ...(changes.length > 0
      ? changes.flatMap((change) => changeLines(change, trend, view))
      : [measured.length < FEWEST ? `  it takes ${FEWEST} runs to find a change` : '  no change found']),
  ];
}

const FEWEST = CONFIRMED_FROM + CANDIDATE_FROM;

/** Under the sparkline, where the level changed. */
function markLine({ values, changes }: Trend): string {
  const marks: string[] = [];
  for (const { index, direction, status } of changes) {
    if (status === 'went away') continue;
    const [up, down] = status === 'confirmed' ? ['▲', '▼'] : ['△', '▽'];
    marks[columnOf(index, values.length, WIDTH)] = direction === 'up' ? up : down;
  }
  return Array.from(marks, (mark) => mark ?? ' ').join('');
}

function changeLines(change: ChangePoint, { measure, values }: Trend, { runs, notes }: HistoryView): string[] {
  const { index, before, after, low, high } = change;
  const run = runs[index] as Observation;
  const former = runs
    .slice(0, index)
    .filter((_, at) => values[at] !== null)
    .at(-1) as Observation;
  const between = notes.filter(({ atMs }) => atMs > former.startedAtMs && atMs <= run.startedAtMs);
  const { unit } = measure;
  return [
    `  ${formatTime(run.startedAtMs)}  ${effectOf(change, measure)}: ${formatMeasure(before, unit)} → ${formatMeasure(after, unit)}, ` +
      `${formatChange({ unit }, change.change)} (${formatChange({ unit }, low)} to ${formatChange({ unit }, high)}), ${statusInWords(change)}`,
    `      first in ${printable(run.runId)}, ${commitsInWords(former, run)}`,
    ...between.map((note) => `      note of ${noteInWords(note)}`),
  ];
}

/** Which direction is bad depends on the measure. */
export const effectOf = ({ direction }: ChangePoint, { worse }: Trend['measure']): 'worse' | 'better' =>
  (direction === 'up') === (worse === 'higher') ? 'worse' : 'better';

function statusInWords({ status, runs }: ChangePoint): string {
  switch (status) {
    case 'confirmed':
      return `confirmed (${plural(runs, 'run')})`;
    case 'candidate':
      return `candidate (${plural(runs, 'run')} so far)`;
    case 'went away':
      return `went away after ${plural(runs, 'run')}`;
  }
}

function commitsInWords({ identity: before }: Observation, { identity: after }: Observation): string {
  const versions = [before, after].map(({ targetVersion }) => printable(targetVersion ?? 'unknown'));
  const commits = [before, after].map(shownCommit);
  return [
    `commit ${commits.join(' → ')}`,
    ...(versions[0] === versions[1] ? [] : [`FIML ${versions.join(' → ')}`]),
    ...(before.target === after.target ? [] : [`target ${printable(before.target)} → ${printable(after.target)}`]),
  ].join(', ');
}

const noteInWords = ({ atMs, text }: HistoryNote): string => `${formatTime(atMs)}  ${printable(text)}`;

/** `2026-11-24 18:05`, UTC. */
export const formatTime = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
