import { basename } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors';
import { type Measure, OBSERVATION_VERSION, type Observation } from '../result/observation';
import { suiteVersion } from '../suite-version';
import { p95OfRounds, variancesOfRounds, variancesOfSummary } from './rounds';

/** Any number, and null, which some writers put for one that JSON cannot hold: what is none of a time is told later. */
const figure = z.custom<number | null>((value) => value === null || typeof value === 'number', 'expected a number');

const benchmarkSchema = z.object({
  /** The test's name to pytest, with its file and parameters. */
  fullname: z.string(),
  options: z.record(z.string(), z.unknown()).nullish(),
  stats: z.object({
    median: figure,
    mean: figure,
    stddev: figure,
    iqr: figure,
    rounds: z.number().int().nonnegative(),
    iterations: z.number().int().positive().default(1),
    /** Seconds per call, one figure a round: in what `--benchmark-json` and `--benchmark-save-data` write. */
    data: z.array(figure).nullish(),
  }),
});

type Benchmark = z.infer<typeof benchmarkSchema>;

// A hook may replace what pytest-benchmark says of machine and commit by anything.
const words = z.string().optional().catch(undefined);
const machineSchema = z
  .object({
    python_implementation: words,
    python_version: words,
    system: words,
    machine: words,
    cpu: z.object({ brand_raw: words, count: z.number().optional().catch(undefined) }).catch({}),
  })
  .catch({ cpu: {} });
const commitSchema = z.object({ id: words, dirty: z.boolean().optional().catch(undefined) }).catch({});

const reportSchema = z.object({
  machine_info: machineSchema,
  commit_info: commitSchema,
  version: words,
  datetime: z
    .string()
    .refine((text) => !Number.isNaN(epochMs(text)), 'expected a time such as 2026-11-24T10:00:00.000000+00:00'),
  benchmarks: z
    .array(benchmarkSchema)
    .min(1, 'there is none: either pytest found no benchmark to run, or every one failed'),
});

type Report = z.infer<typeof reportSchema>;

/** Fewer rounds hardly know their own spread, and pytest-benchmark itself never chooses fewer. */
const FEWEST_ROUNDS = 5;
/** Twenty beyond it, as for the P95 of requests. */
export const FEWEST_FOR_P95 = 400;
/** Options that change what a round is; the others only how many there are. */
const OPTIONS = ['timer', 'disable_gc', 'warmup', 'min_time'] as const;
/** What pytest-benchmark writes for a commit where there is none. */
const NO_COMMIT: readonly string[] = ['', 'unversioned', 'unknown'];

/** Whether a value is what pytest-benchmark writes, by its form; it may still be a damaged one. */
export function isPytestBenchmark(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'benchmarks' in value && 'machine_info' in value;
}

/**
 * Reduces a file of pytest-benchmark to what comparisons are made of: median, mean and P95 of each benchmark's rounds. The
 * median decides: of rounds that a machine interrupts now and then it moves least.
 *
 * @param value the parsed JSON.
 * @param file where it came from, for the run's name and for messages.
 * @throws UserError with everything by which the value is not of this form.
 */
export function observePytestBenchmark(value: unknown, file: string): Observation {
  const parsed = reportSchema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.') || 'the file'}: ${message}`);
    throw new UserError(`${file}: this is not what pytest-benchmark writes:\n${problems.join('\n')}`);
  }
  const report = parsed.data;
  const { id, dirty } = report.commit_info;
  const commit = id === undefined || NO_COMMIT.includes(id) ? null : id;
  const options = usualOptions(report.benchmarks);
  // The file tells when it was written, and nothing of when the first round began.
  const writtenAtMs = epochMs(report.datetime);
  return {
    schema: 'fiml-perf/observation',
    version: OBSERVATION_VERSION,
    runId: [basename(file, '.json'), report.datetime, ...(commit === null ? [] : [commit])].join('-'),
    startedAtMs: writtenAtMs,
    endedAtMs: writtenAtMs,
    scenario: 'benchmarks',
    profile: null,
    fingerprint: { ...conditions(report), ...options },
    identity: {
      commit,
      dirty: commit === null ? null : (dirty ?? null),
      target: 'in process',
      targetVersion: null,
      suiteVersion: suiteVersion(),
    },
    verdict: null,
    flaws: [],
    warnings: [],
    measures: named(report.benchmarks, options).flatMap(([name, benchmark]) => measuresOf(name, benchmark)),
  };
}

/** Until version 5 the time is UTC without saying so. NaN when it is none. */
const epochMs = (datetime: string): number =>
  /^\d{4}-\d\d-\d\dT/.test(datetime)
    ? Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(datetime) ? datetime : `${datetime}Z`)
    : Number.NaN;

/** What must be equal for two files to be comparable. Not the machine's name: runners of one kind have many. */
function conditions({ machine_info: machine, version }: Report): Record<string, string> {
  const known = (...parts: (string | number | undefined)[]) => parts.map((part) => part ?? 'unknown');
  const [implementation, python, brand, count, system, architecture] = known(
    machine.python_implementation,
    machine.python_version,
    machine.cpu.brand_raw,
    machine.cpu.count,
    machine.system,
    machine.machine,
  );
  return {
    scenario: 'benchmarks',
    python: `${implementation} ${python}`,
    'pytest-benchmark': version ?? 'unknown',
    host: `${count} × ${brand}, ${system} ${architecture}`,
  };
}

const optionsOf = ({ options }: Benchmark): Record<string, string> =>
  Object.fromEntries(OPTIONS.map((name) => [name, String(options?.[name] ?? 'unknown')]));

/** The options of most benchmarks: those of the command line, unless a benchmark has its own. */
function usualOptions(benchmarks: readonly Benchmark[]): Record<string, string> {
  const counts = new Map<string, number>();
  for (const benchmark of benchmarks) {
    const key = JSON.stringify(optionsOf(benchmark));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1));
  return most === undefined ? {} : JSON.parse(most[0]);
}

/**
 * A name of its own for each benchmark, by which the two sides' are matched.
 *
 * pytest's name is not enough twice. A benchmark that is measured otherwise than the rest, say without garbage collection,
 * is another one: its name says so, and when only one side has it, it is listed instead of compared. And a test that
 * runs several times, as with pytest-rerunfailures, leaves several of one name: from the second on they are numbered.
 */
function named(benchmarks: readonly Benchmark[], usual: Record<string, string>): [string, Benchmark][] {
  const seen = new Map<string, number>();
  return benchmarks.map((benchmark) => {
    const own = Object.entries(optionsOf(benchmark)).filter(([name, value]) => value !== usual[name]);
    const suffix = own.length === 0 ? '' : ` (${own.map(([name, value]) => `${name} ${value}`).join(', ')})`;
    const name = `${benchmark.fullname}${suffix}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return [times === 1 ? name : `${name} #${times}`, benchmark];
  });
}

function measuresOf(operation: string, { stats }: Benchmark): Measure[] {
  const data = stats.data ?? [];
  const kept = data.length > 0;
  const rounds = kept ? data.length : stats.rounds;
  const problem = unusable(stats, rounds);
  const measure = (statistic: string, title: string, of: Partial<Measure>): Measure => ({
    id: `${operation}.${statistic}`,
    title: `${operation}, ${title}`,
    operation,
    statistic,
    unit: 's',
    scale: 'ratio',
    worse: 'higher',
    value: null,
    withinVariance: 0,
    samples: rounds,
    gating: statistic === 'median',
    insufficient: problem,
    ...of,
  });
  if (problem !== null) {
    return [measure('median', 'median', {}), measure('mean', 'mean', {}), ...(kept ? [measure('p95', 'P95', {})] : [])];
  }
  const { median, mean, stddev, iqr } = stats as { median: number; mean: number; stddev: number; iqr: number };
  const times = data as number[];
  const variances = kept
    ? variancesOfRounds(times)
    : { ...variancesOfSummary({ median, mean, stddev, iqr, rounds }), p95: 0 };
  return [
    measure('median', 'median', { value: median, withinVariance: variances.median }),
    measure('mean', 'mean', { value: mean, withinVariance: variances.mean }),
    ...(kept
      ? [
          measure('p95', 'P95', {
            value: p95OfRounds(times),
            withinVariance: variances.p95,
            insufficient: withoutP95(stats, rounds),
          }),
        ]
      : []),
  ];
}

/** Why a benchmark may decide nothing at all; null when it may. */
function unusable({ median, mean, stddev, iqr, data }: Benchmark['stats'], rounds: number): string | null {
  if (rounds < FEWEST_ROUNDS) {
    return `${rounds} ${rounds === 1 ? 'round says' : 'rounds say'} nothing of how far rounds differ: it takes ${FEWEST_ROUNDS}`;
  }
  const isTime = (value: number | null) => value !== null && Number.isFinite(value) && value > 0;
  const isSpread = (value: number | null) => value !== null && Number.isFinite(value) && value >= 0;
  if (!isTime(median) || !isTime(mean)) return 'its median or mean is no time above zero';
  return [stddev, iqr, ...(data ?? [])].every(isSpread) ? null : 'a round of it, or their spread, is no time';
}

function withoutP95({ iterations }: Benchmark['stats'], rounds: number): string | null {
  if (iterations > 1) return `a round is the mean of ${iterations} calls, in which the slow ones disappear`;
  return rounds < FEWEST_FOR_P95 ? `${rounds} rounds are too few for it: it takes ${FEWEST_FOR_P95}` : null;
}
