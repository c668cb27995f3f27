import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ingestRun } from '../../../scripts/ingest/run';
import { resultText } from '../../../scripts/ingest/text';
import { judge } from '../../../scripts/judge';
import { readEvidence } from '../../../scripts/result/evidence';
import { complaintOf } from '../../support/complaint';
import { evidence, given, STARTED_MS } from '../../support/evidence';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evidence-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const healthy = evidence();
const put = (name: string, content: unknown) =>
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
const samplesOf = (bytes: number) => writeFileSync(join(folder, 'samples.json.gz'), Buffer.alloc(bytes));

function putAll(): void {
  put('run.json', healthy.run);
  put('result.json', healthy.result);
  put('summary.json', healthy.summary);
}

const complaint = (): string => complaintOf(() => readEvidence(folder));

describe('a run’s folder', () => {
  test('gives back what was put there, with and without the samples themselves', () => {
    putAll();
    expect(readEvidence(folder)).toEqual(healthy);
    samplesOf(given(healthy.result).source.bytes);
    expect(readEvidence(folder)).toEqual(healthy);
  });

  test('whose result is of other samples than those beside it has none', () => {
    putAll();
    samplesOf(given(healthy.result).source.bytes - 1);
    const read = readEvidence(folder);
    expect(read.result).toBeNull();
    expect(read.resultProblem).toMatch(
      /^result\.json was made from other samples than samples\.json\.gz; fiml-perf ingest/,
    );
    expect(judge(read)).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
  });

  test('that was not ingested says how it would be', () => {
    put('run.json', healthy.run);
    const read = readEvidence(folder);
    expect(read.resultProblem).toBe(`there is no result.json; fiml-perf ingest ${folder} makes it`);
    expect(judge(read).reasons[0]).toBe(`this run cannot be judged: ${read.resultProblem}`);
  });

  test.each([
    ['missing', null, /k6 wrote no end-of-test data/],
    ['cut', '{"metrics":{"http_re', /cut or damaged/],
    ['of another form', '{"results":{}}', /cut or damaged/],
  ])('whose end-of-test data is %s is judged, to be INVALID', (_what, content, words) => {
    putAll();
    rmSync(join(folder, 'summary.json'));
    if (content !== null) put('summary.json', content);
    const read = readEvidence(folder);
    expect(read.summary).toBeNull();
    expect(read.summaryProblem).toMatch(words);
    expect(judge(read)).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
  });

  test('that is none, or whose own files are damaged, is a mistake to be told', () => {
    expect(complaint()).toMatch(/holds no run\.json/);
    put('run.json', '{"schema":"fiml-perf/run"}');
    expect(complaint()).toMatch(/run\.json: the run's description does not have the expected form/);
    putAll();
    put('result.json', '{"schema":');
    expect(complaint()).toMatch(/result\.json: the run's result is not valid JSON/);
    rmSync(folder, { recursive: true });
    expect(complaint()).toMatch(/there is no such folder; results\/latest is the newest run/);
    writeFileSync(folder, '');
    expect(complaint()).toMatch(/there is no such folder/);
  });
});

describe('the samples of a run', () => {
  const line = (metric: string, value: number, atMs: number) =>
    `${JSON.stringify({
      metric,
      type: 'Point',
      data: { time: new Date(STARTED_MS + atMs).toISOString(), value, tags: { phase: 'steady' } },
    })}\n`;

  test('become its result, with the types that k6’s end-of-test data gives their metrics', async () => {
    put('summary.json', healthy.summary);
    writeFileSync(
      join(folder, 'samples.json.gz'),
      gzipSync(line('http_reqs', 1, 2000) + line('fiml_up', 1, 2500) + line('fiml_up', 0, 3000)),
    );
    const seen: number[] = [];
    const read = await ingestRun(folder, healthy.run, (bytes) => seen.push(bytes));
    expect(read.resultProblem).toBeNull();
    const result = given(read.result);
    expect(result.metrics).toMatchObject({ http_reqs: { type: 'counter' }, fiml_up: { type: 'rate' } });
    expect(result.source.samples).toBe(3);
    expect(Object.keys(result.metrics)).toEqual(['http_reqs', 'fiml_up']);
    expect(seen.at(-1)).toBe(result.source.bytes);
    expect(read.summary).toEqual(healthy.summary);
  });

  test.each([
    ['are missing', null, /^k6 wrote no samples\.json\.gz$/],
    ['are empty', '', /is empty: k6 wrote nothing/],
    ['are none', 'hello\n', /holds no sample of k6/],
  ])('that %s leave no result, and the reason', async (_what, content, words) => {
    if (content !== null) put('samples.json.gz', content);
    const read = await ingestRun(folder, healthy.run);
    expect(read.result).toBeNull();
    expect(read.resultProblem).toMatch(words);
    expect(read.summaryProblem).toBe('k6 wrote no end-of-test data');
    expect(judge(read)).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
  });

  test('that cannot be read are no fault of the suite', async () => {
    mkdirSync(join(folder, 'samples.json.gz'));
    expect(await ingestRun(folder, healthy.run)).toMatchObject({
      result: null,
      resultProblem: expect.stringMatching(/cannot be read: it is a folder/),
    });
  });
});

describe('the text of what was ingested', () => {
  const text = (change: Partial<NonNullable<typeof healthy.result>['source']> = {}) =>
    resultText({ ...given(healthy.result), source: { ...given(healthy.result).source, ...change } });

  test('has every metric in a line, with percentiles for times and a value for all else', () => {
    const lines = text().split('\n');
    const cells = (metric: string) =>
      given(lines.find((one) => one.startsWith(`${metric} `)))
        .trim()
        .split(/\s{2,}/);
    expect(lines[0]).toMatch(/^12004 samples in \d+ series, from 100 KB of k6-json$/);
    expect(cells('http_reqs')).toEqual(['http_reqs', 'counter', '2490', '2490']);
    expect(cells('fiml_up')).toEqual(['fiml_up', 'rate', '660', '1.000']);
    expect(cells('fiml_cache_hit_rate')).toEqual(['fiml_cache_hit_rate', 'gauge', '2', '0.9000']);
    expect(cells('fiml_dsl_duration')).toHaveLength(6);
    expect(lines.filter((one) => /cut off|not read|went back|further sets/.test(one))).toEqual([]);
  });

  test('says what was not taken', () => {
    const told = text({
      truncated: true,
      clockStepBackMs: 12,
      rejected: [{ reason: 'not JSON', count: 2, firstLine: 7 }],
      overflow: { tagSets: 3, samples: 9, cap: 5000 },
    });
    expect(told).toMatch(/the file is cut off/);
    expect(told).toMatch(/not read: 2 lines \(the first is 7\): not JSON/);
    expect(told).toMatch(/9 samples in 3 further sets of tags were counted and not kept; the first 5000 were/);
    expect(told).toMatch(/the clock went back by 12 ms/);
  });

  test('shows a name from a foreign file as text, whatever it holds', () => {
    const result = given(healthy.result);
    const hostile = '\u001b[31mred\u0007\u202e\r\n';
    const told = resultText({ ...result, metrics: { [hostile]: { type: 'counter', contains: 'default' } } });
    expect(told.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(told).toContain('[31mred');
  });
});
