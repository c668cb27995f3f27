import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ingest } from '../../scripts/ingest';
import { k6CsvLines, parsedOneByOne, takenIn } from '../support/csv-lines';
import { bothWays } from '../support/ingest-fuzz';
import { k6Lines } from '../support/k6-lines';

const LINES = 200_000;
const LINES_OF_FILE = 400;

test('the quick way reads 200,000 mutated lines as JSON.parse does', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const seed = Date.now() % 2 ** 31;
  let mutated = 0;
  try {
    await fc.assert(
      fc.asyncProperty(k6Lines(LINES_OF_FILE), fc.integer({ min: 64, max: 20_000 }), async (lines, readBytes) => {
        mutated += lines.mutated;
        const { quick, plain } = await bothWays(join(folder, 'samples.json'), lines.bytes, readBytes);
        expect(quick).toEqual(plain);
      }),
      { seed, numRuns: 2400 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`seed ${seed}: ${mutated} mutated lines\n`);
  expect(mutated).toBeGreaterThan(LINES);
}, 1_800_000);

test('the quick way reads 200,000 lines of CSV, some of them damaged, as its parser does', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const path = join(folder, 'samples.csv');
  const seed = Date.now() % 2 ** 31;
  let samples = 0;
  try {
    await fc.assert(
      fc.asyncProperty(k6CsvLines(LINES_OF_FILE), fc.integer({ min: 64, max: 20_000 }), async (csv, readBytes) => {
        writeFileSync(path, csv);
        const parsed = parsedOneByOne(csv);
        if (parsed.series.length === 0) return;
        const result = await ingest(path, { readBytes });
        samples += result.source.samples;
        expect(takenIn(result)).toEqual(parsed);
      }),
      { seed, numRuns: 2400 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`seed ${seed}: ${samples} samples of CSV\n`);
  expect(samples).toBeGreaterThan(LINES);
}, 1_800_000);
