import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ingest } from '../../../scripts/ingest';
import { mergeResults } from '../../../scripts/merge/results';
import { type Result, resultSchema } from '../../../scripts/result/result';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'merge-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const T0 = Date.parse('2026-11-24T10:00:00Z');

interface Sample {
  readonly metric: string;
  readonly ms: number;
  readonly value: number;
  readonly tags: Readonly<Record<string, string>>;
}

const HEADS = { http_req_duration: 'trend', ok: 'rate', n: 'counter', level: 'gauge', http_req_waiting: 'trend' };

async function read(samples: readonly Sample[], name: string, options = {}): Promise<Result> {
  const path = join(folder, name);
  const heads = Object.entries(HEADS).map(([metric, type]) => ({
    type: 'Metric',
    data: { name: metric, type, contains: 'default' },
    metric,
  }));
  const points = samples.map(({ metric, ms, value, tags }) => ({
    metric,
    type: 'Point',
    data: { time: new Date(T0 + ms).toISOString(), value, tags },
  }));
  writeFileSync(path, [...heads, ...points].map((line) => `${JSON.stringify(line)}\n`).join(''));
  return ingest(path, { originMs: T0, ...options });
}

/** A result without what depends on how many files it came from, buckets by the moment at which they begin. */
const comparable = ({ source, series, startMs, bucketMs, slowest, ...rest }: Result) => ({
  ...rest,
  bucketMs,
  source: { ...source, file: '', bytes: 0, lines: 0, parsedLines: 0 },
  slowest: slowest && { ...slowest, kept: slowest.kept.map(({ durationMs }) => durationMs) },
  series: Object.fromEntries(
    series.map(({ buckets, ...one }) => [
      one.metric + JSON.stringify(one.tags),
      { ...one, buckets: buckets?.map(({ i, ...bucket }) => ({ ...bucket, atMs: startMs + i * bucketMs })) },
    ]),
  ),
});

const sample = fc.record({
  metric: fc.constantFrom(...Object.keys(HEADS)),
  ms: fc.integer({ min: 0, max: 1_300_000 }),
  // Eighths add up without rounding, so that the order in which they are added cannot show.
  value: fc.integer({ min: -80_000, max: 80_000 }).map((eighths) => eighths / 8),
  tags: fc.dictionary(fc.constantFrom('phase', 'op'), fc.constantFrom('a', 'b')),
});
const MOST_PARTS = 5;

test("one run's samples dealt out at random and merged are the whole, exactly", async () => {
  await fc.assert(
    fc.asyncProperty(
      // Of two samples of one moment nothing but the file's order says which is the newer.
      fc
        .uniqueArray(sample, { minLength: 1, maxLength: 60, selector: ({ ms }) => ms })
        .map((samples) => samples.sort((a, b) => a.ms - b.ms)),
      fc.infiniteStream(fc.nat({ max: MOST_PARTS - 1 })),
      fc.boolean(),
      async (samples, dealer, keepsSeconds) => {
        const parts: Sample[][] = Array.from({ length: MOST_PARTS }, () => []);
        for (const one of samples) parts[dealer.next().value as number]?.push(one);
        const results: Result[] = [];
        for (const part of parts.filter(({ length }) => length > 0)) {
          results.push(await read(part, 'part.json', { keepsSeconds: true }));
        }
        const merged = mergeResults(results as [Result, ...Result[]], keepsSeconds);
        resultSchema.parse(merged);
        expect(comparable(merged)).toEqual(comparable(await read(samples, 'whole.json', { keepsSeconds })));
      },
    ),
    { numRuns: 60 },
  );
});

test('one sample that counts twice shows', async () => {
  const one = { metric: 'n', ms: 5, value: 1, tags: {} };
  const part = await read([one], 'part.json', { keepsSeconds: true });
  expect(comparable(mergeResults([part, part], true))).not.toEqual(comparable(await read([one], 'whole.json')));
});

test('results whose buckets are of different times are not merged', async () => {
  const one = { metric: 'n', ms: 5, value: 1, tags: {} };
  const first = await read([one], 'first.json', { keepsSeconds: true });
  const other = await read([one], 'other.json', { keepsSeconds: true, originMs: T0 + 500 });
  expect(() => mergeResults([first, other], true)).toThrow(/origin/);
  const long = await read([one, { ...one, ms: 700_000 }], 'long.json');
  expect(() => mergeResults([first, long], true)).toThrow(/length/);
});
