import { withoutCredentials } from '../../../config';
import { EXIT_INVALID, EXIT_OK } from '../../exit-codes';
import { writeJsonAtomically } from '../../result/files';
import { formatLength, formatValue, percent } from '../../text/format';
import type { Findings, FindingsTable } from '../findings';
import type { Loaded } from '../load';
import type { ProfileOutput } from '../output';
import type { ServerProcess } from '../process/runtime';
import { totalMs } from '../stacks/profile';
import { toSpeedscope } from '../stacks/speedscope';
import { functionTotals, packageTotals, type Total } from '../stacks/totals';
import { flameTree } from '../stacks/tree';
import { type Look, overhead } from './overhead';
import type { Sampled, Sampler } from './sampler';

/** A profile, and what it was taken of. */
export interface CpuProfiled {
  readonly process: ServerProcess;
  readonly sampler: Sampler;
  readonly sampled: Sampled & Look;
  /** Null where none of ours was sent. */
  readonly load: {
    readonly about: string;
    readonly url: string;
    readonly before: Look;
    readonly after: Look;
    readonly loaded: Loaded<unknown>;
  } | null;
}

const MOST_ROWS = 15;
/** Below it even a large share is known to ten points only. */
const FEW_SAMPLES = 100;

/** Writes the profile for speedscope, and says what is to be seen in it. */
export function cpuFindings({ process, sampler, sampled, load }: CpuProfiled, output: ProfileOutput): Findings {
  const { kind, about, everyMs } = sampler;
  const { profile } = sampled;
  const title = `${output.subject}, process ${process.pid}`;
  writeJsonAtomically(output.path(kind, 'speedscope.json'), toSpeedscope(title, profile));
  const seenMs = totalMs(profile);
  const lengthMs = sampled.endMs - sampled.startMs;
  const samples = Math.round(seenMs / everyMs);
  const functions = functionTotals(profile);
  const [top] = bySelf(functions);
  const cost = load?.loaded.result == null ? null : overhead(load.loaded.result, load.before, sampled, load.after);
  return {
    kind,
    verdict: top === undefined ? 'INVALID' : 'PROFILE',
    exitCode: top === undefined ? EXIT_INVALID : EXIT_OK,
    headline:
      top === undefined
        ? 'nothing was seen at work: the server had nothing to do, or another process does its work'
        : `${percent(top.self)} of the time seen went into ${top.name} itself`,
    about: [
      `process ${process.pid} (${process.program}), looked at for ${formatLength(Math.round(lengthMs / 1000) * 1000)} by ${about}`,
      load === null
        ? 'no load of this suite was sent: it shows whatever the process did meanwhile'
        : `under ${load.about}, sent to ${withoutCredentials(load.url)}`,
      ...(load === null ? [] : [`the load itself, by its run: ${load.loaded.headline}`]),
    ],
    facts: [
      ...(load === null ? [] : [{ name: 'Load', value: load.loaded.verdict.verdict }]),
      { name: 'Time seen at work', value: formatValue(seenMs / 1000, 's') },
      { name: 'Of one CPU', value: percent(seenMs / lengthMs) },
      { name: 'Samples', value: String(samples) },
    ],
    notes: [
      ...(samples < FEW_SAMPLES && samples > 0
        ? [
            `${samples} samples are few: a share of 50 % is known to ± ${Math.round(100 / Math.sqrt(samples))} points; a longer --duration, or a higher PERF_RATE, tells more`,
          ]
        : []),
      ...(load === null || cost !== null
        ? []
        : ['what sampling costs could not be told: the load has no requests in a part of it']),
      ...(cost === null ? [] : [cost.sentence]),
      ...sampled.notes,
    ],
    tables: [
      functionsTable('Functions by their own time', bySelf(functions)),
      functionsTable('Functions with what they call', byTotal(functions)),
      packagesTable(bySelf(packageTotals(profile))),
      ...(cost === null ? [] : [cost.table]),
    ],
    figures: [],
    flameGraph: {
      caption:
        'Each bar is a function, as wide as the time in which it, or what it called, was at work; what it called stands above it. Click to look closer.',
      unit: 'ms',
      isDifferential: false,
      root: flameTree(profile),
    },
  };
}

const bySelf = (totals: readonly Total[]): Total[] => [...totals].sort((a, b) => b.self - a.self);
const byTotal = (totals: readonly Total[]): Total[] => [...totals].sort((a, b) => b.total - a.total);

const functionsTable = (title: string, functions: readonly Total[]): FindingsTable => ({
  title,
  hint: functions.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${functions.length}; the flame graph has all.` : '',
  head: ['self', 'total', 'function', 'where'],
  rows: functions
    .slice(0, MOST_ROWS)
    .map(({ name, where, self, total }) => [percent(self), percent(total), name, shortPath(where)]),
  right: [0, 1],
});

const packagesTable = (packages: readonly Total[]): FindingsTable => ({
  title: 'Packages',
  hint: 'Total is the time in which a package, or what it called, was at work: the totals of packages that call each other overlap.',
  head: ['self', 'total', 'package'],
  rows: packages.slice(0, MOST_ROWS).map(({ name, self, total }) => [percent(self), percent(total), name]),
  right: [0, 1],
});

const SHOWN_PARTS = 3;

/** The end of a path, which tells most. */
const shortPath = (path: string): string => {
  const parts = path.split('/');
  return parts.length <= SHOWN_PARTS ? path : `…/${parts.slice(-SHOWN_PARTS).join('/')}`;
};
