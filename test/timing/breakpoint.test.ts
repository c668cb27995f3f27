import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT_INVALID } from '../../scripts/exit-codes';
import { ensureK6 } from '../../scripts/setup';
import { COMES_FIRST, comeFirst, knownCapacity, limitedServer, rateFor } from '../support/capacity';
import { cli, temporaryFolder, verdictIn, wrapK6 } from '../support/cli';
import { given } from '../support/evidence';
import { reference, stopReferences } from '../support/reference';

let folder: string;
let k6: string;
let backInLine: () => void;

beforeAll(async () => {
  folder = temporaryFolder('breakpoint');
  k6 = wrapK6(folder, (await ensureK6()).path, COMES_FIRST);
  backInLine = comeFirst();
}, 300_000);

afterEach(stopReferences);

afterAll(() => {
  backInLine();
  rmSync(folder, { recursive: true, force: true });
});

const MOST_ATTEMPTS = 3;
/** Served at once. */
const PLACES = 26;

const run = (name: string, url: string, rate: number, ...more: readonly string[]) =>
  cli(
    [
      ...['run', 'load', '--profile', 'breakpoint', '--target', url, '--out', join(folder, name)],
      ...['--rate', String(rate), '--time-scale', '0.2', ...more],
    ],
    { env: { PERF_K6: k6 } },
  );

async function untilTold(name: string, ...args: readonly [url: string, rate: number, ...more: string[]]) {
  for (let attempt = 1; ; attempt++) {
    const folderName = `${name}-${attempt}`;
    const finished = await run(folderName, ...args);
    if (finished.code !== EXIT_INVALID || attempt === MOST_ATTEMPTS) return { name: folderName, ...finished };
  }
}

const endOf = (name: string): unknown => JSON.parse(readFileSync(join(folder, name, 'run.json'), 'utf8')).k6;

test('a known capacity is found, the load ends there by itself, and is red when it is below its limit', async () => {
  const server = await reference(...limitedServer(PLACES));
  const known = await knownCapacity(server, PLACES);
  const limits = join(folder, 'limits.json');
  writeFileSync(limits, JSON.stringify({ version: 1, targets: { capacity: { limit: 200 } } }));
  // On a machine with busy neighbours a run may say that it cannot tell; then it is made again.
  const { name, code, stdout } = await untilTold('found', server.url, rateFor(known, 1.1), '--thresholds', limits);
  const { verdict, targets, checks } = verdictIn(join(folder, name));
  const capacity = given(targets.find(({ id }) => id === 'capacity'));
  const near = Math.abs(given(capacity.value) / known - 1) < 0.1;
  expect({ code, verdict, near, known, stdout }).toMatchObject({ code: 1, verdict: 'FAIL', near: true });
  expect(capacity).toMatchObject({ verdict: 'FAIL', reason: expect.stringContaining('it must be above 200 /s') });
  expect(stdout).toMatch(/The capacity is \d+ \/s: all targets hold up to there, and not at \d+ \/s \(/);
  expect(checks.find(({ id }) => id === 'length')?.detail).toMatch(/^stopped after \d\d\.\d s of 1\d\d\.\d s planned/);
  expect(endOf(name)).toMatchObject({ exitCode: 99, interrupted: false, stoppedBy: 'fiml_broken count<1' });
  expect(readFileSync(join(folder, name, 'report.md'), 'utf8')).toContain('(breakpoint.svg)');
  expect(readFileSync(join(folder, name, 'breakpoint.svg'), 'utf8')).toMatch(/^<svg /);
}, 240_000);

test('a server that fails from the first step on is red, and is not loaded any further', async () => {
  const { url } = await reference('--error-rate', 'data=0.3');
  const { code, stdout } = await run('failing', url, 150);
  expect({ code, stdout }).toMatchObject({ code: 1 });
  expect(stdout).toMatch(
    /Capacity: .*: it does not even hold at 75 \/s, the lowest that was offered: .*failed [23]\d\./,
  );
  expect(endOf('failing')).toMatchObject({ exitCode: 99, stoppedBy: 'fiml_failed{phase:rise} rate<0.1' });
}, 120_000);
