import { formatMeasure, formatSize } from '../compare/text';
import type { Baseline } from '../result/baseline';
import type { Observation } from '../result/observation';
import { formatAge } from '../text/age';
import { shownCommit } from '../text/commit';
import { plural } from '../text/format';
import { printable } from '../text/printable';
import { table } from '../text/table';
import { leftOutText, type Saved } from './index';
import { spreadOf } from './spread';

/** A machine and a server are not the same after longer. */
export const STALE_AFTER_MS = 14 * 24 * 3600_000;
/** From fewer runs nobody can tell how far runs lie apart. */
const FEWEST_RUNS = 3;

/** When the newest run of a baseline ended: its age counts from there, and not from when it was saved. */
export const newestRunMs = ({ observations }: Pick<Baseline, 'observations'>): number =>
  Math.max(...observations.map(({ endedAtMs }) => endedAtMs));

/** What `baseline save` did, and how good the baseline is. */
export function savedText({ path, baseline, replaced, leftOut }: Saved): string {
  const { observations } = baseline;
  return [
    `saved ${path}: ${summary(observations)}`,
    ...(replaced === null ? [] : [`in place of that of ${replaced.savedAt}: ${summary(replaced.observations)}`]),
    ...leftOut.map((one) => `  ${printable(leftOutText(one))}`),
    '',
    spreadText(baseline),
    ...warnings(observations),
    '',
  ].join('\n');
}

/** What a baseline is: of what, when, under which conditions, and how far its runs lie apart. */
export function shownText(path: string, baseline: Baseline, now: Date): string {
  const { name, savedAt, fingerprint, observations } = baseline;
  const ageMs = now.getTime() - newestRunMs(baseline);
  return [
    `${printable(name)}: ${summary(observations)}`,
    `${path}, saved ${savedAt}; its newest run is ${formatAge(ageMs)} old`,
    '',
    table(
      ['run', 'began', 'commit', 'verdict', 'on'],
      observations.map((run) => [
        printable(run.runId),
        new Date(run.startedAtMs).toISOString(),
        commitOf(run),
        printable(run.verdict ?? '–'),
        targetOf(run),
      ]),
      [],
    ),
    '',
    table(
      ['condition', 'of all runs'],
      Object.entries(fingerprint).map(([condition, value]) => [printable(condition), printable(value)]),
      [],
    ),
    '',
    spreadText(baseline),
    ...warnings(observations),
    ...(ageMs > STALE_AFTER_MS ? [`warning: ${staleText(ageMs)}`] : []),
    '',
  ].join('\n');
}

/** What it means that a baseline is old. */
export const staleText = (ageMs: number): string =>
  `the baseline is ${formatAge(ageMs)} old, and the machine may have changed meanwhile: make a new one (run … --save-baseline)`;

function spreadText(baseline: Baseline): string {
  return [
    table(
      ['measure', 'mean', 'spread', 'finds from'],
      spreadOf(baseline).map(({ title, unit, mean, sd, findsFrom }) => [
        printable(title),
        formatMeasure(mean, unit),
        formatSize({ unit }, sd),
        formatSize({ unit }, findsFrom),
      ]),
      [1, 2, 3],
    ),
    'spread: standard deviation between the runs. finds from: the smallest change that a comparison with as many new runs, all',
    'made later, finds four times out of five; earlier runs in the history, or runs that take turns, make it smaller.',
  ].join('\n');
}

function warnings(observations: readonly Observation[]): string[] {
  if (observations.length >= FEWEST_RUNS) return [];
  return [
    `warning: ${plural(observations.length, 'run')} cannot tell how far runs lie apart: make at least ${FEWEST_RUNS}, better 5 (run … --repeat 5)`,
  ];
}

const summary = (observations: readonly Observation[]): string =>
  `${plural(observations.length, 'run')} of commit ${distinct(observations.map(commitOf))} on ${distinct(observations.map(targetOf))}`;

const commitOf = ({ identity }: Observation): string => shownCommit(identity);

const targetOf = ({ identity: { target, targetVersion } }: Observation): string =>
  printable(`${target}${targetVersion === null ? '' : `, FIML ${targetVersion}`}`);

const distinct = (words: readonly string[]): string => [...new Set(words)].join(' and ');
