import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile as writeToPipe } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { UserError } from '../../../scripts/errors';
import { ingest, readSamples } from '../../../scripts/ingest';
import { readJsonLine } from '../../../scripts/ingest/json';
import { parseTime, type SampleSink, withoutEmpty } from '../../../scripts/ingest/sample';
import { resultText } from '../../../scripts/ingest/text';
import { writeResult } from '../../../scripts/ingest/write';
import { countIn, mergeSeries, selectSeries, statistic, sumIn } from '../../../scripts/result/query';
import { resultSchema } from '../../../scripts/result/result';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingest-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(content: string | Buffer, name = 'samples.json'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const read = async (content: string | Buffer, options = {}) => {
  const result = await ingest(file(content), options);
  resultSchema.parse(result);
  return result;
};

const T0 = Date.parse('2026-11-24T10:00:00Z');
const at = (ms: number) => new Date(T0 + ms).toISOString();
const metric = (name: string, type: string) =>
  `${JSON.stringify({ type: 'Metric', data: { name, type, contains: 'default' }, metric: name })}\n`;
const point = (name: string, ms: number, value: number, tags: Record<string, string> = {}) =>
  `${JSON.stringify({ metric: name, type: 'Point', data: { time: at(ms), value, tags } })}\n`;
const good = metric('lat', 'trend') + point('lat', 0, 5) + point('lat', 1000, 7);
const HEADER = 'metric_name,timestamp,metric_value,group,status,extra_tags,metadata\n';

describe('a good file', () => {
  it('gives what a plain pass over its lines gives', async () => {
    const sample = fc.record({
      name: fc.constantFrom('lat', 'ok', 'n'),
      ms: fc.integer({ min: 0, max: 1_300_000 }),
      value: fc.oneof(fc.integer(), fc.double({ min: -1e9, max: 1e9, noNaN: true })),
      tags: fc.dictionary(fc.constantFrom('phase', 'op', 'group'), fc.constantFrom('', 'a', 'q"uo\\te', 'é{,}')),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 60 }), fc.boolean(), async (samples, zipped) => {
        const text =
          metric('lat', 'trend') +
          metric('ok', 'rate') +
          metric('n', 'counter') +
          samples.map(({ name, ms, value, tags }) => point(name, ms, value, tags)).join('');
        const result = await read(zipped ? gzipSync(text) : text);
        expect(result.source).toMatchObject({ samples: samples.length, rejected: [], truncated: false });
        const times = samples.map(({ ms }) => ms);
        expect(result.bucketMs).toBe(Math.max(...times) - Math.min(...times) >= 600_000 ? 10_000 : 1000);
        for (const name of ['lat', 'ok', 'n']) {
          const mine = samples.filter((one) => one.name === name && (one.tags.op ?? '') === 'a');
          expect(countIn(result, name, { op: 'a' })).toBe(mine.length);
          const sum = mine.reduce((total, { value }) => total + value, 0);
          expect(Math.abs(sumIn(result, name, { op: 'a' }) - sum)).toBeLessThan(1e-3);
        }
        for (const series of result.series) {
          expect(series.buckets?.reduce((count, bucket) => count + bucket.count, 0)).toBe(series.count);
          expect(series.histogram !== undefined).toBe(series.metric === 'lat');
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is read alike from CSV, whose types come from the summary or are said to be assumed', async () => {
    const csv =
      `${HEADER}http_reqs,1790000000,1.000000,,200,op=poll&phase=steady,\n` +
      'http_reqs,1790000001,1.000000,,200,phase=steady&op=poll,vu=1\n' +
      'hits,1790000001,1.000000,"::a,b",,,\nodd,1790000001,1.000000,,,,\n';
    const result = await read(csv, { metricTypes: { hits: { type: 'rate' } } });
    expect(result.source).toMatchObject({ format: 'k6-csv', samples: 4, rejected: [], assumedTrends: ['odd'] });
    expect(countIn(result, 'http_reqs', { op: 'poll', phase: 'steady', status: '200' })).toBe(2);
    expect(countIn(result, 'hits', { group: '::a,b' })).toBe(1);
    expect(result.series).toHaveLength(3);
    expect(result.metrics.hits?.type).toBe('rate');
  });

  it.each<[string, (text: string) => string | Buffer]>([
    ['plain', (text) => text],
    ['compressed', (text) => gzipSync(text)],
  ])('is read alike from a pipe, %s', async (name, form) => {
    const text = good + Array.from({ length: 5000 }, (_, i) => point('lat', i, i % 97)).join('');
    const pipe = join(folder, `pipe-${name}`);
    execFileSync('mkfifo', [pipe]);
    const [piped] = await Promise.all([ingest(pipe), writeToPipe(pipe, form(text))]);
    const { source, ...rest } = await read(form(text));
    expect(piped).toEqual({ ...rest, source: { ...source, file: `pipe-${name}` } });
  });

  it('tells how many lines took the slow parser: the first of each kind, and what is spelled unusually', async () => {
    const alike = Array.from({ length: 1000 }, (_, i) => point('lat', i, i)).join('');
    const unusual = point('lat', 1000, 7).replace(':7,', ':7e0,');
    const { source } = await read(metric('lat', 'trend') + alike + unusual + unusual + point('lat', 1001, 8));
    expect(source).toMatchObject({ lines: 1004, samples: 1003, parsedLines: 4 });
  });

  it('is written, a series at a time, as the JSON of the whole result', async () => {
    const path = file(good + point('ok', 5, 1, { op: 'a' }) + point('http_req_duration', 5, 1200, { name: 'é' }));
    const written = join(folder, 'written.json');
    const text = writeResult(written, await readSamples(path));
    const result = await ingest(path);
    expect(readFileSync(written, 'utf8')).toBe(`${JSON.stringify(result)}\n`);
    expect(text).toBe(resultText(result));
    expect(() => writeResult(join(folder, 'none', 'x.json'), { ...result })).toThrow(/its folder does not exist/);
  });

  it('takes a metric whose name every object has', async () => {
    const result = await read(point('constructor', 0, 3));
    expect(result.metrics.constructor).toEqual({ type: 'trend', contains: 'default' });
    expect(result.source.assumedTrends).toEqual(['constructor']);
  });

  it('keeps requests without an answer apart', async () => {
    const result = await read(
      point('http_req_duration', 0, 0, { status: '0' }) + point('http_req_duration', 1, 9, { status: '200' }),
    );
    expect(statistic(mergeSeries(selectSeries(result, 'http_req_duration', { status: '200' })), 'p50')).toBe(9);
  });
});

describe('the quick way of reading a line', () => {
  const seen = (line: string) => {
    const taken: unknown[] = [];
    const sink: SampleSink = {
      sample: (name, _, tags, timeMs, value) => {
        const parsed = tags();
        if (parsed !== null) taken.push([name, parsed, timeMs, value]);
        return parsed !== null;
      },
      metric: () => {},
      reject: () => taken.push('rejected'),
    };
    readJsonLine(line, sink);
    return taken;
  };

  it('takes what JSON.parse takes, and nothing else', () => {
    const pieces = [
      '{"metric":"m1',
      '","type":"Point","data":{"time":"',
      '2026-11-24T10:00:00.5Z',
      '","value":',
      '1.5',
      ',"tags":',
      '{"a":"b"}',
      '}}',
    ];
    const wrong = fc.constantFrom(
      '',
      '"',
      '}',
      '{',
      ',',
      '\\',
      '01',
      '0x1',
      '1e999',
      '-',
      '{"a":1}',
      '{"a":"}}"}',
      '{"a":"b"},"metadata":{"vu":"1"}',
      '[]',
      'null',
      'm"',
      '\\u0061',
      ',"value":9',
    );
    fc.assert(
      fc.property(fc.nat(pieces.length - 1), wrong, fc.boolean(), (where, text, replaced) => {
        const line = pieces.map((piece, index) => (index !== where ? piece : replaced ? text : piece + text)).join('');
        let expected: unknown = 'rejected';
        try {
          const { metric: name, type, data } = JSON.parse(line);
          const tags = withoutEmpty(data.tags ?? {});
          const timeMs = typeof data.time === 'string' ? parseTime(data.time) : Number.NaN;
          if (
            typeof name === 'string' &&
            type === 'Point' &&
            tags &&
            Number.isFinite(data.value) &&
            !Number.isNaN(timeMs)
          )
            expected = [name, tags, timeMs, data.value];
        } catch {}
        expect(seen(line)).toEqual([expected]);
      }),
      { numRuns: 1000 },
    );
  });

  it('knows zones and nanoseconds', () => {
    expect(parseTime('2026-11-24T12:00:00.123456789+02:00')).toBeCloseTo(T0 + 123.456789, 3);
    expect(parseTime('yesterday')).toBeNaN();
  });
});

describe('a bad file loses only what is bad', () => {
  it.each<[string, string | Buffer, string]>([
    ['a line of rubbish', `${good}rubbish\n${point('lat', 2, 1)}`, 'not JSON'],
    ['a foreign record', `${good}{"a":1}\n${point('lat', 2, 1)}`, 'neither a metric'],
    ['a null', `${good}null\n${point('lat', 2, 1)}`, 'neither a metric'],
    ['a huge number', `${good}${point('lat', 2, 1).replace(':1,', ':1e999,')}${point('lat', 2, 1)}`, 'finite'],
    ['no number', `${good}${point('lat', 2, Number.NaN)}${point('lat', 2, 1)}`, 'finite'],
    ['no time', `${good}${point('lat', 2, 1).replace('2026-', 'x')}${point('lat', 2, 1)}`, 'a time'],
    ['tags of numbers', `${good}${point('lat', 2, 1, { a: '1' }).replace('"1"', '1')}${point('lat', 2, 1)}`, 'tags'],
    ['a line of 50 MB', `${good}${'x'.repeat(50e6)}\n${point('lat', 2, 1)}`, 'longer than 1 MB'],
    [
      'bytes that are not UTF-8',
      Buffer.concat([Buffer.from(good), Buffer.from([0xff, 0xfe, 10]), Buffer.from(point('lat', 2, 1))]),
      'not UTF-8',
    ],
  ])('%s', async (_, content, reason) => {
    const { source, metrics } = await read(content);
    expect(source).toMatchObject({ samples: 3, truncated: false });
    expect(metrics.lat?.type).toBe('trend');
    expect(source.rejected).toEqual([{ reason: expect.stringContaining(reason), count: 1, firstLine: 4 }]);
  });

  it('negative and huge values are values', async () => {
    const result = await read(point('lat', 0, -4) + point('lat', 0, 1e308) + point('lat', 0, 1e308));
    expect(result.series[0]).toMatchObject({ count: 3, min: -4, max: 1e308 });
  });

  it('a line cut off by the end', async () => {
    const { source } = await read(good + point('lat', 2, 1).slice(0, 40));
    expect(source).toMatchObject({ samples: 2, truncated: true });
    const csv = await read(`${HEADER}http_reqs,1790000000,1.0,,,,\nhttp_reqs,1790000000,1.0,,2`);
    expect(csv.source).toMatchObject({ samples: 1, truncated: true });
  });

  it('a compressed stream that is cut off or damaged', async () => {
    const many =
      metric('lat', 'trend') + Array.from({ length: 50_000 }, (_, i) => point('lat', i, (i * 7919) % 1009)).join('');
    const zipped = gzipSync(many);
    const middle = Math.floor(zipped.length / 2);
    const cut = await read(zipped.subarray(0, middle));
    expect(cut.source.truncated).toBe(true);
    expect(cut.source.samples).toBeGreaterThan(15_000);
    const damaged = Buffer.from(zipped);
    damaged.fill(0xff, middle, middle + 64);
    const { source } = await read(damaged);
    expect(source.truncated).toBe(true);
    expect(source.samples).toBeGreaterThan(10_000);
  });

  it('a clock that steps back, beyond the order in which k6 writes', async () => {
    expect((await read(good + point('lat', 100, 1))).source.clockStepBackMs).toBe(0);
    const { source, series } = await read(good + point('lat', -60_000, 1));
    expect(source.clockStepBackMs).toBe(61_000);
    expect(series[0]?.buckets?.map(({ i }) => i)).toEqual([-60, 0, 1]);
  });

  it('more series than the cap', async () => {
    const text = Array.from({ length: 30 }, (_, i) => point('lat', i, 1, { id: String(i % 10) })).join('');
    const { source, series } = await read(text, { tagSetCap: 4 });
    expect(source.overflow).toEqual({ tagSets: 6, samples: 18, cap: 4 });
    expect(series.reduce((count, one) => count + one.count, 0)).toBe(12);
  });
});

it.each<[string, string | Buffer, RegExp]>([
  ['empty', '', /is empty/],
  ['text', 'hello\nworld\n', /no sample of k6[\s\S]*2 lines/],
  ['metrics only', metric('lat', 'trend'), /no sample/],
  ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0]), /no sample/],
  ['a compressed nothing', gzipSync(''), /no sample/],
])('%s is an error for the user', async (_, content, message) => {
  const outcome = await ingest(file(content)).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(UserError);
  expect((outcome as UserError).message).toMatch(message);
});

it('a file that is not there is an error for the user', async () => {
  await expect(ingest(join(folder, 'none'))).rejects.toThrow(/none cannot be read: there is no such file/);
  await expect(ingest(folder)).rejects.toThrow(UserError);
});
