import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare } from '../../../scripts/compare';
import { UserError } from '../../../scripts/errors';
import { isPytestBenchmark, observePytestBenchmark } from '../../../scripts/observe/pytest-benchmark';
import { variancesOfRounds, variancesOfSummary } from '../../../scripts/observe/rounds';
import { type Measure, type Observation, observationSchema } from '../../../scripts/result/observation';
import { type BenchmarkFile, benchmarkFile, FIFTEEN, type FileOptions } from '../../support/pytest-benchmark';

const FIXTURES = join(__dirname, '../../fixtures/pytest-benchmark');
const real = (name: string): BenchmarkFile => JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8'));
const observed = (options: FileOptions = {}) => observePytestBenchmark(benchmarkFile(options), 'file.json');
const [first = '', second = ''] = FIFTEEN;

function find({ measures }: Observation, id: string): Measure {
  const found = measures.find((measure) => measure.id === id);
  if (found === undefined) throw new Error(`no ${id} among ${measures.map((one) => one.id).join(', ')}`);
  return found;
}

/** The file of one benchmark, changed. */
function changed(change: (file: BenchmarkFile, only: BenchmarkFile['benchmarks'][number]) => void): Observation {
  const file = benchmarkFile({ names: [first] });
  change(file, file.benchmarks[0] as BenchmarkFile['benchmarks'][number]);
  return observePytestBenchmark(file, 'file.json');
}

describe.each(['3.4.1', '4.0.0', '5.3.1'])('what pytest-benchmark %s wrote', (version) => {
  const file = real(version);
  const observation = observePytestBenchmark(file, `/somewhere/${version}.json`);

  test('is recognised, and read as pytest told it', () => {
    expect(isPytestBenchmark(file)).toBe(true);
    expect(observationSchema.parse(observation)).toEqual(observation);
    expect(observation).toMatchObject({
      scenario: 'benchmarks',
      profile: null,
      fingerprint: {
        scenario: 'benchmarks',
        python: 'CPython 3.11.7',
        'pytest-benchmark': version,
        host: '2 × Intel(R) Xeon(R) Processor, Linux x86_64',
        timer: 'perf_counter',
        disable_gc: 'false',
        warmup: 'false',
        min_time: '0.000005',
      },
      identity: { commit: '2753d2f9a833235b4128b16c26dcadc6174bf434', dirty: false, target: 'in process' },
      verdict: null,
      flaws: [],
      warnings: [],
    });
    expect(observation.runId).toBe(`${version}-${file.datetime}-2753d2f9a833235b4128b16c26dcadc6174bf434`);
  });

  test('its time is UTC, whether it says so or not', () => {
    const utc = `${file.datetime.slice(0, 23)}Z`;
    expect(observation.startedAtMs).toBe(Date.parse(utc));
    expect(observation.endedAtMs).toBe(observation.startedAtMs);
  });

  test('each benchmark and statistic is a measure, and the median decides', () => {
    const names = file.benchmarks.map(({ fullname }) => fullname);
    expect(names).toHaveLength(5);
    expect(observation.measures.map(({ id }) => id)).toEqual(
      names.flatMap((name) => {
        const own = name.endsWith('::test_agent') ? `${name} (disable_gc true)` : name;
        return [`${own}.median`, `${own}.mean`, `${own}.p95`];
      }),
    );
    expect(new Set(observation.measures.map(({ id }) => id)).size).toBe(15);
    for (const { id, gating, unit, scale, worse, operation, statistic } of observation.measures) {
      expect(id).toBe(`${operation}.${statistic}`);
      expect(gating).toBe(id.endsWith('.median'));
      expect([unit, scale, worse]).toEqual(['s', 'ratio', 'higher']);
    }
    for (const { fullname, stats } of file.benchmarks.slice(0, 3)) {
      expect(find(observation, `${fullname}.median`)).toMatchObject({ value: stats.median, samples: stats.rounds });
      expect(find(observation, `${fullname}.mean`).value).toBe(stats.mean);
      const { median, mean } = variancesOfRounds(stats.data as number[]);
      expect(find(observation, `${fullname}.median`).withinVariance).toBe(median);
      expect(find(observation, `${fullname}.mean`).withinVariance).toBe(mean);
      expect(median).toBeGreaterThan(0);
    }
  });

  test('a single round decides nothing', () => {
    expect(find(observation, 'benchmarks/bench_components.py::test_once.median')).toMatchObject({
      value: null,
      gating: true,
      insufficient: '1 round says nothing of how far rounds differ: it takes 5',
    });
  });
});

test('without single rounds the spread comes from the summary, and there is no P95', () => {
  const file = real('5.3.1-saved');
  const observation = observePytestBenchmark(file, 'saved.json');
  expect(observation.measures.map(({ statistic }) => statistic)).not.toContain('p95');
  const { fullname, stats } = file.benchmarks[0] as BenchmarkFile['benchmarks'][number];
  const expected = variancesOfSummary(stats as Parameters<typeof variancesOfSummary>[0]);
  expect(find(observation, `${fullname}.median`).withinVariance).toBe(expected.median);
  expect(find(observation, `${fullname}.mean`).withinVariance).toBe(expected.mean);
  const withRounds = observePytestBenchmark(real('5.3.1'), 'full.json');
  expect(find(observation, `${fullname}.median`).value).toBe(find(withRounds, `${fullname}.median`).value);
});

test.each<[string, unknown, boolean]>([
  ['what pytest-benchmark writes', benchmarkFile(), true],
  ['that of another benchmark library', { context: {}, benchmarks: [] }, false],
  ['a list', [], false],
  ['null', null, false],
  ['text', 'benchmarks machine_info', false],
])('%s: recognised by its form', (_, value, expected) => expect(isPytestBenchmark(value)).toBe(expected));

describe('a P95', () => {
  const p95 = (options: FileOptions) => find(observed({ names: [first], ...options }), `${first}.p95`);

  test('takes 400 rounds', () => {
    expect(p95({ rounds: 399 }).insufficient).toBe('399 rounds are too few for it: it takes 400');
    expect(p95({ rounds: 400 })).toMatchObject({ insufficient: null, samples: 400, gating: false });
    expect(p95({ rounds: 400 }).withinVariance).toBeGreaterThan(0);
  });

  test('takes rounds of one call', () => {
    const observation = changed((_file, { stats }) => {
      stats.data = Array.from({ length: 500 }, (_, at) => 1e-4 + at * 1e-8);
      stats.iterations = 20;
    });
    expect(find(observation, `${first}.p95`).insufficient).toMatch(/a round is the mean of 20 calls/);
    expect(find(observation, `${first}.median`).insufficient).toBeNull();
  });
});

describe('too little to judge by', () => {
  test.each([
    [0, false, '0 rounds say nothing of how far rounds differ: it takes 5'],
    [4, false, '4 rounds say nothing of how far rounds differ: it takes 5'],
    [5, false, null],
    [4, true, '4 rounds say nothing of how far rounds differ: it takes 5'],
    [5, true, null],
  ])('%i rounds, kept: %s', (rounds, kept, insufficient) => {
    const observation = changed((_file, { stats }) => {
      stats.rounds = rounds;
      if (kept) stats.data = new Array(rounds).fill(1e-4).map((time, at) => time + at * 1e-7);
      else delete stats.data;
    });
    expect(find(observation, `${first}.median`)).toMatchObject({ insufficient, gating: true, samples: rounds });
    expect(find(observation, `${first}.median`).value === null).toBe(insufficient !== null);
  });

  const NO_TIME = 'its median or mean is no time above zero';
  const NO_SPREAD = 'a round of it, or their spread, is no time';
  test.each<[string, (stats: BenchmarkFile['benchmarks'][number]['stats']) => void, string]>([
    ['a median of zero', (stats) => Object.assign(stats, { median: 0 }), NO_TIME],
    ['a negative mean', (stats) => Object.assign(stats, { mean: -1 }), NO_TIME],
    ['no median', (stats) => Object.assign(stats, { median: null }), NO_TIME],
    ['an infinite mean', (stats) => Object.assign(stats, { mean: Number.POSITIVE_INFINITY }), NO_TIME],
    ['no spread', (stats) => Object.assign(stats, { iqr: null }), NO_SPREAD],
    ['a negative round', (stats) => stats.data?.push(-1e-9), NO_SPREAD],
    ['an infinite round', (stats) => stats.data?.push(Number.POSITIVE_INFINITY), NO_SPREAD],
    ['a round that is null', (stats) => stats.data?.push(null), NO_SPREAD],
  ])('%s', (_, change, insufficient) => {
    const observation = changed((_file, { stats }) => change(stats));
    expect(observationSchema.safeParse(observation).success).toBe(true);
    for (const measure of observation.measures) expect(measure).toMatchObject({ value: null, insufficient });
  });
});

describe('names', () => {
  const operations = (change: (file: BenchmarkFile) => void) => {
    const file = benchmarkFile({ names: ['a.py::x', 'a.py::y', 'a.py::z'] });
    change(file);
    return [...new Set(observePytestBenchmark(file, 'file.json').measures.map(({ operation }) => operation))];
  };

  test('a benchmark that is there twice is two, in their order', () => {
    expect(
      operations(({ benchmarks }) => {
        for (const benchmark of benchmarks) benchmark.fullname = 'a.py::x';
      }),
    ).toEqual(['a.py::x', 'a.py::x #2', 'a.py::x #3']);
  });

  test('a benchmark that is measured otherwise than most is another one', () => {
    expect(
      operations(({ benchmarks: [, y, z] }) => {
        Object.assign(y?.options ?? {}, { disable_gc: true, min_time: 0.1 });
        Object.assign(z?.options ?? {}, { min_rounds: 50 });
      }),
    ).toEqual(['a.py::x', 'a.py::y (disable_gc true, min_time 0.1)', 'a.py::z']);
  });

  test('what all are measured by is a condition of the whole file, and refused when it differs', () => {
    const [on, off] = [false, true].map((disable_gc) => {
      const file = benchmarkFile({ seed: disable_gc ? 2 : 1 });
      for (const { options } of file.benchmarks) options.disable_gc = disable_gc;
      return observePytestBenchmark(file, 'file.json');
    }) as [Observation, Observation];
    expect(on.measures.map(({ id }) => id)).toEqual(off.measures.map(({ id }) => id));
    expect(() => compare({ baseline: [on], candidate: [off] })).toThrow(/disable_gc: false in the baseline, true in/);
  });
});

describe('what is not known of the machine or the commit', () => {
  test.each<[string, unknown]>([
    ['nothing', {}],
    ['something else, as a hook may put there', { user: 'x' }],
    ['no object', ''],
    ['an object of other types', { cpu: 3, python_version: 3.11 }],
  ])('%s: unknown', (_, machine) => {
    const { fingerprint } = changed((file) => Object.assign(file, { machine_info: machine }));
    expect(fingerprint).toMatchObject({ python: 'unknown unknown', host: 'unknown × unknown, unknown unknown' });
  });

  test.each<[unknown, string | null, boolean | null]>([
    [{ id: 'unversioned', dirty: false }, null, null],
    [{ id: 'unknown', dirty: true }, null, null],
    [null, null, null],
    [{ id: 'abc', dirty: true }, 'abc', true],
    [{ id: 'abc' }, 'abc', null],
  ])('%j', (commit_info, commit, dirty) => {
    const { identity, runId } = changed((file) => Object.assign(file, { commit_info }));
    expect([identity.commit, identity.dirty]).toEqual([commit, dirty]);
    expect(runId.endsWith('-abc')).toBe(commit !== null);
  });

  test('the name of the machine is nowhere in it', () => {
    const observation = changed(({ machine_info }) => Object.assign(machine_info as object, { node: 'secret-runner' }));
    expect(JSON.stringify(observation)).not.toContain('secret-runner');
  });
});

test('all that is wrong with a file is told at once', () => {
  const file = benchmarkFile({ names: [first, second] });
  const [one, two] = file.benchmarks as [BenchmarkFile['benchmarks'][number], BenchmarkFile['benchmarks'][number]];
  Object.assign(file, { datetime: 'yesterday' });
  Object.assign(one.stats, { median: 'fast', rounds: 1.5 });
  Object.assign(two, { fullname: 7 });
  const message = () => observePytestBenchmark(file, 'some/file.json');
  expect(message).toThrow(UserError);
  for (const part of [
    /^some\/file\.json: this is not what pytest-benchmark writes:/,
    / {2}datetime: expected a time such as 2026/,
    / {2}benchmarks\.0\.stats\.median: expected a number/,
    / {2}benchmarks\.0\.stats\.rounds: /,
    / {2}benchmarks\.1\.fullname: /,
  ]) {
    expect(message).toThrow(part);
  }
  expect(() => observePytestBenchmark([], 'x.json')).toThrow(UserError);
  expect(() => changed((broken) => Object.assign(broken, { benchmarks: [] }))).toThrow(/pytest found no benchmark/);
});

describe.each([
  ['with single rounds', true],
  ['without them', false],
])('two files, %s', (_, data) => {
  const slow = (options: FileOptions) => observed({ data, seed: 2, ...options });
  const regressed = (candidate: Observation, baseline = observed({ data })) =>
    compare({ baseline: [baseline], candidate: [candidate] }).rows.flatMap(({ id, verdict }) =>
      verdict === 'REGRESSED' ? [id] : [],
    );

  test('a benchmark that is 30 % slower is REGRESSED, it alone', () => {
    const factors = { [FIFTEEN[4] as string]: 1.3 };
    const found = regressed(slow({ factors }));
    expect(found).toEqual([`${FIFTEEN[4]}.median`, `${FIFTEEN[4]}.mean`]);
    expect(compare({ baseline: [observed({ data })], candidate: [slow({ factors })] })).toMatchObject({
      verdict: 'REGRESSED',
      exitCode: 1,
      design: 'single',
    });
  });

  test('unchanged, or all a tenth slower as on a slower machine, nothing is REGRESSED', () => {
    expect(regressed(slow({}))).toEqual([]);
    const all = Object.fromEntries(FIFTEEN.map((name) => [name, 1.1]));
    expect(compare({ baseline: [observed({ data })], candidate: [slow({ factors: all })] }).verdict).toBe(
      'INCONCLUSIVE',
    );
  });

  test('benchmarks on one side only are listed', () => {
    const baseline = observed({ data, names: FIFTEEN.slice(1) });
    const candidate = slow({ names: [...FIFTEEN.slice(0, 12), 'a.py::new'] });
    const { onlyInBaseline, onlyInCandidate } = compare({ baseline: [baseline], candidate: [candidate] });
    const medians = (ids: readonly string[]) => ids.filter((id) => id.endsWith('.median'));
    expect(medians(onlyInBaseline).sort()).toEqual(FIFTEEN.slice(12).map((name) => `${name}.median`));
    expect(medians(onlyInCandidate).sort()).toEqual(['a.py::new.median', `${first}.median`]);
  });
});

test('files of another Python or machine are not compared', () => {
  const other = benchmarkFile({ seed: 2 });
  Object.assign(other.machine_info as object, { python_version: '3.12.1' });
  const candidate = observePytestBenchmark(other, 'other.json');
  expect(() => compare({ baseline: [observed()], candidate: [candidate] })).toThrow(
    /python: CPython 3\.11\.7 in the baseline, CPython 3\.12\.1 in the candidate/,
  );
});
