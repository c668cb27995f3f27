import { rmSync } from 'node:fs';
import { type CpuProfiled, cpuFindings } from '../../../scripts/profile/cpu/findings';
import { overhead } from '../../../scripts/profile/cpu/overhead';
import { failuresInWords } from '../../../scripts/profile/load';
import { openOutput, type ProfileOutput } from '../../../scripts/profile/output';
import { profileBuilder } from '../../../scripts/profile/stacks/profile';
import { summaryText } from '../../../scripts/profile/summary';
import { Histogram } from '../../../scripts/result/histogram';
import type { Result, Series } from '../../../scripts/result/result';
import type { Verdict } from '../../../scripts/result/verdict';
import { temporaryFolder } from '../../support/cli';
import { HOSTILE } from '../../support/hostile';

const START_MS = 1_800_000_000_000;

let folder: string;
let output: ProfileOutput;
beforeAll(() => {
  folder = temporaryFolder('findings');
  output = openOutput(folder, 'cache', new Date(START_MS), () => undefined);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Ten answers in each of twenty seconds, of so many ms. */
function resultOf(msAt: (second: number) => number): Result {
  const buckets = Array.from({ length: 20 }, (_, i) => {
    const histogram = new Histogram();
    for (let count = 0; count < 10; count++) histogram.add(msAt(i));
    return { i, count: 10, sum: 10 * msAt(i), nonZero: 10, histogram: histogram.toSparse() };
  });
  const series: Series = {
    metric: 'http_req_duration',
    tags: { status: '200' },
    count: 200,
    sum: 0,
    min: 0,
    max: 100,
    last: 0,
    nonZero: 200,
    firstMs: START_MS,
    lastMs: START_MS + 20_000,
    buckets,
  };
  return { startMs: START_MS, endMs: START_MS + 20_000, bucketMs: 1000, series: [series] } as unknown as Result;
}

const part = (fromS: number, toS: number, cpuS: number) => ({
  startMs: START_MS + fromS * 1000,
  endMs: START_MS + toS * 1000,
  cpuS,
});

describe('what sampling costs', () => {
  const result = resultOf((second) => (second >= 5 && second < 15 ? 12 : 10));

  test('is the part that was sampled beside those that were not', () => {
    // 50 requests in 0.5 s of CPU before and after; 100 in 1.2 s meanwhile.
    const cost = overhead(result, part(0, 5, 0.5), part(5, 15, 1.2), part(15, 20, 0.5));
    expect(cost?.table.rows.map((row) => row.slice(2, 4))).toEqual([
      ['10.0', '10.0 ms'],
      ['10.0', '12.0 ms'],
      ['10.0', '10.0 ms'],
    ]);
    expect(cost?.sentence).toMatch(
      /CPU time a request changed by \+20\.0 % .* the median latency by \+(20\.\d|19\.\d) %/,
    );
  });

  test('is not told where the load was over by then', () => {
    expect(overhead(result, part(0, 5, 0.5), part(5, 15, 1.2), part(18, 23, 0.5))).toBeNull();
    expect(overhead(result, part(-5, 1, 0.5), part(5, 15, 1.2), part(15, 20, 0.5))).toBeNull();
  });
});

function profiled(names: readonly string[], loaded: Result | null = null): CpuProfiled {
  const builder = profileBuilder();
  for (const name of names) builder.add([{ name, file: 'app.py', line: 3 }], 10);
  const load = {
    about: 'prices',
    url: 'http://user:secret@127.0.0.1:1',
    before: part(0, 5, 0.5),
    after: part(15, 20, 0.5),
    loaded: { seen: null, verdict: { verdict: 'FAIL' } as Verdict, headline: 'it missed', folder, result: loaded },
  };
  return {
    process: { pid: 7, runtime: 'python', program: 'python3' },
    sampler: { kind: 'pyspy', about: 'py-spy', sample: () => Promise.reject(new Error('nobody asks')) },
    sampled: { ...part(5, 15, 1.2), profile: builder.profile(), notes: ['py-spy said so'], wantedMs: 10_000 },
    load: loaded === null ? null : load,
  };
}

const HOT = [...Array.from({ length: 150 }, () => 'hot'), ...Array.from({ length: 50 }, () => 'cool')];
const STEADY = resultOf(() => 10);

describe('a profile', () => {
  test('names what takes most of the time, with the verdict of its load and no secret', () => {
    const findings = cpuFindings(profiled(HOT, STEADY), output);
    expect(findings).toMatchObject({ kind: 'pyspy', verdict: 'PROFILE', exitCode: 0 });
    expect(findings.headline).toBe('75.0 % of the time seen went into hot itself');
    expect(findings.facts).toContainEqual({ name: 'Load', value: 'FAIL' });
    expect(findings.facts).toContainEqual({ name: 'Of one CPU', value: '12.0 %' });
    expect(findings.tables[0]?.rows).toEqual([
      ['75.0 %', '75.0 %', 'hot', 'app.py:3'],
      ['25.0 %', '25.0 %', 'cool', 'app.py:3'],
    ]);
    const text = summaryText(findings);
    expect(text).toContain('it missed');
    expect(text).toContain('note: py-spy said so');
    expect(text).not.toContain('secret');
  });

  test('of a server that did nothing is invalid, and so is one of a load that never came', () => {
    const nothing = cpuFindings(profiled([]), output);
    expect(nothing).toMatchObject({ verdict: 'INVALID', exitCode: 3, flameGraph: null, tables: [] });
    expect(nothing.headline).toMatch(/^nothing was seen at work/);
    const lonely = cpuFindings(profiled(HOT, { ...STEADY, series: [] }), output);
    expect(lonely).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
    expect(lonely.headline).toBe('no request of the load was answered while it was sampled');
    // A look of a second is hardly ever a whole second of the clock.
    const { sampled, ...rest } = profiled(HOT, STEADY);
    const short = { ...sampled, ...part(5.2, 6.4, 0.1) };
    expect(cpuFindings({ ...rest, sampled: short }, output)).toMatchObject({ verdict: 'PROFILE' });
  });

  test('of few samples, or of a server that was held up by looking, says so', () => {
    const { notes } = cpuFindings({ ...profiled(HOT.slice(0, 25)) }, output);
    expect(notes).toContainEqual(expect.stringMatching(/^25 samples are few: .* ± 20 points/));
    const { sampled, ...rest } = profiled(HOT);
    const slow = cpuFindings({ ...rest, sampled: { ...sampled, wantedMs: 2000 } }, output);
    expect(slow.notes).toContainEqual(expect.stringMatching(/^looking took 10 s instead of 2.0 s/));
    expect(cpuFindings(profiled(HOT), output).notes).toEqual(['py-spy said so']);
  });

  test('of a load that failed says so, whatever its verdict', () => {
    const of = (metric: string, nonZero: number, tags = {}) =>
      ({
        metric,
        tags: { phase: 'steady', ...tags },
        count: 200,
        nonZero,
        sum: nonZero,
        min: 0,
        max: 1,
        last: 0,
      }) as unknown as Series;
    const failing = (failed: number): Result => ({
      ...STEADY,
      series: [
        ...STEADY.series,
        of('fiml_failed', failed),
        of('fiml_failures', failed, { layer: 'http', reason: 'status 500' }),
      ],
    });
    expect(cpuFindings(profiled(HOT, failing(100)), output).notes[0]).toMatch(
      /^50\.0 % of the load's requests failed, most often by status 500: /,
    );
    expect(failuresInWords(failing(1))).toBeNull();
  });

  test('tells the terminal nothing by the names in it', () => {
    for (const name of HOSTILE) {
      const { kind, ...rest } = cpuFindings(profiled([name]), output);
      const text = summaryText({ ...rest, kind, notes: [name], about: [name], headline: name });
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|##\[/u);
      expect(text).not.toMatch(/^\s*::/m);
      // A name is one row, however many lines it has, and no wider than a person reads.
      expect(text.split('\n').filter((line) => line.startsWith('100.0 %'))).toHaveLength(3);
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(1100);
    }
  });
});
