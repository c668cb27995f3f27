import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { abSchema } from '../../scripts/result/ab';
import { ab, comparisonIn } from '../support/ab';
import { type Finished, temporaryFolder } from '../support/cli';
import { reference, stopReferences } from '../support/reference';

let folder: string;

beforeAll(() => {
  folder = temporaryFolder('ab');
});

afterEach(stopReferences);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Services that take 20 ms: on a machine that others use, a server's own two would drown in waiting for it. */
const SLOW = ['--latency-factor', '10'];

test('a server that takes twice as long is found, as soon as that is known', async () => {
  const [a, b] = [await reference(...SLOW), await reference('--latency-factor', '20')];
  const finished: Finished = await ab(join(folder, 'slower'), a.url, b.url, ['--max-duration', '60s']);
  expect(finished).toMatchObject({ code: 1, stdout: expect.stringMatching(/^\nREGRESSED {2}candidate/) });
  const comparison = comparisonIn(join(folder, 'slower'));
  expect(comparison.verdict).toBe('REGRESSED');
  const typical = comparison.rows.find(({ id }) => id === 'all.typical');
  expect(typical?.low).toBeGreaterThan(0.1);
  const kept = abSchema.parse(JSON.parse(readFileSync(join(folder, 'slower', 'ab.json'), 'utf8')));
  expect(new Set(kept.operations)).toEqual(
    new Set(['search-quick', 'coin-quick', 'market-prices', 'search-standard', 'search-deep', 'dsl-sync']),
  );
  // Far from the longest time that it was given.
  expect(Math.max(...(kept.rounds[0]?.samples.atMs ?? []))).toBeLessThan(45_000);
}, 120_000);
