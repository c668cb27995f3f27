import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ingest } from '../../../scripts/ingest';
import { k6CsvLines, parsedOneByOne, takenIn } from '../../support/csv-lines';
import { bothWays } from '../../support/ingest-fuzz';
import { k6Lines } from '../../support/k6-lines';

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  path = join(folder, 'samples.json');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('reads mutated lines as JSON.parse does, whatever is read at once', async () => {
  let mutated = 0;
  await fc.assert(
    fc.asyncProperty(k6Lines(60), fc.constantFrom(64, 100, 1000, 1 << 16), async (lines, readBytes) => {
      mutated += lines.mutated;
      const { quick, plain } = await bothWays(path, lines.bytes, readBytes);
      expect(quick).toEqual(plain);
    }),
    { numRuns: 250 },
  );
  expect(mutated).toBeGreaterThan(3000);
});

it('reads CSV as its parser does line by line, with tags in any order and damaged lines, whatever is read at once', async () => {
  await fc.assert(
    fc.asyncProperty(k6CsvLines(80), fc.constantFrom(64, 1000, 1 << 16), async (csv, readBytes) => {
      writeFileSync(path, csv);
      const parsed = parsedOneByOne(csv);
      if (parsed.series.length > 0) expect(takenIn(await ingest(path, { readBytes }))).toEqual(parsed);
    }),
    { numRuns: 250 },
  );
});

const T0 = Date.parse('2026-11-24T10:00:00Z');
const line = (metric: string, ms: number, value: number | string, tags: Record<string, string> = {}): string =>
  `{"metric":"${metric}","type":"Point","data":{"time":"${new Date(T0 + ms).toISOString()}","value":${value},"tags":${JSON.stringify(tags)}}}\n`;

it('reads alike wherever in a line what is read at once ends', async () => {
  const bytes = Buffer.from(
    line('http_req_duration', 0, 25.194628, { name: 'é{,}', op: 'a' }) +
      line('http_req_duration', 1, 3, { name: 'é{,}', op: 'a' }) +
      '\r\n\n{"metric":"lat"}\n' +
      line('http_req_duration', 2, '1e-7', { name: 'é{,}', op: 'a' }) +
      line('http_req_duration', 2, 0.5, { name: 'é{,}', op: 'a' }).slice(0, -30),
  );
  for (let readBytes = 1; readBytes <= bytes.length; readBytes++) {
    const { quick, plain } = await bothWays(path, bytes, readBytes);
    expect(quick).toEqual(plain);
    expect(plain).toMatchObject({ source: { samples: 3, lines: 7, truncated: true } });
  }
});

it('tells metrics apart when it has begun anew to remember what lines have in common', async () => {
  const csv = (metric: string, vu: number): string => `${metric},1790000000,1.000000,,vu=${vu}\n`;
  const known = csv('iterations', -1) + csv('http_reqs', -2);
  // More ends of lines than are remembered: with one of the last, what came first of all is another metric.
  const ends = Array.from({ length: 20_100 }, (_, vu) => vu);
  const lines = ends.map((vu) =>
    vu < 19_900
      ? csv('http_reqs', vu)
      : csv('http_reqs', -2) + csv('iterations', vu) + csv('http_reqs', vu) + csv('iterations', vu),
  );
  writeFileSync(
    path,
    ['metric_name,timestamp,metric_value,extra_tags,metadata\n', known, known, known, ...lines].join(''),
  );
  const { series } = await ingest(path);
  expect(series.map(({ metric, count }) => [metric, count])).toEqual([
    ['iterations', 3 + 200 * 2],
    ['http_reqs', 3 + 19_900 + 200 * 2],
  ]);
});

it('joins the seconds of a long run as reading it in ten-second steps would, in whatever order they come', async () => {
  const sample = fc.record({
    metric: fc.constantFrom('lat', 'http_reqs', 'http_req_waiting'),
    ms: fc.integer({ min: -4_000_000, max: 4_000_000 }),
    // Whole and not large: their sums are exact in any order.
    value: fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.constantFrom(0, 2 ** 31, -(2 ** 40))),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 80 }), async (samples) => {
      const text = samples.map(({ metric, ms, value }) => line(metric, ms, value)).join('');
      const { quick, plain } = await bothWays(path, Buffer.from(text), 1 << 16, false);
      expect(quick).toEqual(plain);
    }),
    { numRuns: 150 },
  );
});
