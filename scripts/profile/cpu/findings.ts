import { withoutCredentials } from '../../../config';
import { EXIT_INVALID, EXIT_OK } from '../../exit-codes';
import { writeJsonAtomically } from '../../result/files';
import type { Result } from '../../result/result';
import { formatLength, formatValue, grouped, percent } from '../../text/format';
import type { Findings, FindingsTable } from '../findings';
import { failuresInWords, type Loaded } from '../load';
import type { ProfileOutput } from '../output';
import type { ServerProcess } from '../process/runtime';
import { shortPath } from '../short-path';
import { type Profile, totalWeight } from '../stacks/profile';
import { toSpeedscope } from '../stacks/speedscope';
import { functionTotals, packageTotals, type Total } from '../stacks/totals';
import { flameTree } from '../stacks/tree';
import { type Look, overhead, requestsIn } from './overhead';
import type { Sampled, Sampler } from './sampler';

/** A profile, and what it was taken of. */
export interface CpuProfiled {
  readonly process: ServerProcess;
  readonly sampler: Sampler;
  /** With how long it was meant to last. */
  readonly sampled: Sampled & Look & { readonly wantedMs: number };
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
/** A look that takes so many times as long as it should has held up what it looks at. */
const HELD_UP = 1.5;
/** What it takes to open a profiler and to read symbols, on a busy machine. */
const OPENING_MS = 5000;

/** Writes the profile for speedscope, and says what is to be seen in it. */
export function cpuFindings(profiled: CpuProfiled, output: ProfileOutput): Findings {
  const { process, sampler, sampled, load } = profiled;
  const { profile } = sampled;
  writeJsonAtomically(
    output.path(sampler.kind, 'speedscope.json'),
    toSpeedscope(`${output.subject}, process ${process.pid}`, profile),
  );
  const seenMs = totalWeight(profile);
  const lengthMs = sampled.endMs - sampled.startMs;
  const functions = functionTotals(profile);
  const [top] = bySelf(functions);
  const nothing = whyNothing(profiled);
  const cost = load?.loaded.result == null ? null : overhead(load.loaded.result, load.before, sampled, load.after);
  return {
    kind: sampler.kind,
    verdict: nothing === null ? 'PROFILE' : 'INVALID',
    exitCode: nothing === null ? EXIT_OK : EXIT_INVALID,
    headline: nothing ?? `${percent(top?.self ?? 0)} of the time seen went into ${top?.name} itself`,
    about: [
      `process ${process.pid} (${process.program}), looked at for ${formatLength(Math.round(lengthMs / 1000) * 1000)} by ${sampler.about}`,
      load === null
        ? 'no load of this suite was sent: it shows whatever the process did meanwhile'
        : `under ${load.about}, sent to ${withoutCredentials(load.url)}`,
      ...(load === null ? [] : [`the load itself, by its run: ${load.loaded.headline}`]),
    ],
    facts: [
      ...(load === null ? [] : [{ name: 'Load', value: load.loaded.verdict.verdict }]),
      { name: 'Time seen at work', value: formatValue(seenMs / 1000, 's') },
      { name: 'Of one CPU', value: sampled.cpuS === null ? '–' : percent((sampled.cpuS * 1000) / lengthMs) },
      { name: 'Samples', value: grouped(profile.samples) },
    ],
    notes: [
      ...few(profile.samples),
      ...heldUp(lengthMs, sampled.wantedMs),
      ...(load?.loaded.result == null ? [] : failed(load.loaded.result)),
      ...(load === null
        ? []
        : [
            cost?.sentence ??
              'what sampling costs cannot be told: there was not load enough before, meanwhile and after',
          ]),
      ...sampled.notes,
    ],
    tables: [...(top === undefined ? [] : tablesOf(profile, functions)), ...(cost === null ? [] : [cost.table])],
    figures: [],
    flameGraph:
      top === undefined
        ? null
        : {
            caption:
              'Each bar is a function, as wide as the time in which it, or what it called, was at work; what it called stands above it. Click to look closer.',
            unit: 'ms',
            isDifferential: false,
            root: flameTree(profile),
          },
  };
}

/** Why a profile shows nothing; null when it shows something. A profile of a server at rest is none of one under load. */
function whyNothing({ sampled, load }: CpuProfiled): string | null {
  if (load !== null && (load.loaded.result === null || requestsIn(load.loaded.result, sampled) === 0)) {
    return 'no request of the load was answered while it was sampled';
  }
  return sampled.profile.samples === 0
    ? 'nothing was seen at work: the server had nothing to do, or another process does its work'
    : null;
}

function few(samples: number): string[] {
  if (samples === 0 || samples >= FEW_SAMPLES) return [];
  const points = Math.round(100 / Math.sqrt(samples));
  return [
    `${samples} samples are few: a share of 50 % is known to ± ${points} points; a longer --duration, or a higher PERF_RATE, tells more`,
  ];
}

function failed(result: Result): string[] {
  const failures = failuresInWords(result);
  return failures === null ? [] : [`${failures}: what is shown is that of failing as well`];
}

function heldUp(lengthMs: number, wantedMs: number): string[] {
  if (lengthMs < wantedMs * HELD_UP + OPENING_MS) return [];
  return [
    `looking took ${formatValue(lengthMs / 1000, 's')} instead of ${formatValue(wantedMs / 1000, 's')}: the server was held up by it, and what is shown is ` +
      'distorted; a program with fewer threads, or a machine with more CPU to spare, is held up less',
  ];
}

const bySelf = (totals: readonly Total[]): Total[] => [...totals].sort((a, b) => b.self - a.self);
const byTotal = (totals: readonly Total[]): Total[] => [...totals].sort((a, b) => b.total - a.total);

const tablesOf = (profile: Profile, functions: readonly Total[]): FindingsTable[] => [
  functionsTable('Functions by their own time', bySelf(functions)),
  functionsTable('Functions with what they call', byTotal(functions)),
  packagesTable(bySelf(packageTotals(profile))),
];

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
