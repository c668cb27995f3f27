import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startCli, temporaryFolder, until, verdictIn } from '../support/cli';
import { answered, type ReferenceProcess, reference, setFaults, stopReferences } from '../support/reference';

/** An hour in five minutes: 25 time buckets for each of the twelve parts. */
const FIVE_MINUTES = ['run', 'load', '--profile', 'endurance', '--time-scale', String(1 / 12)];
const GROWTH = ['endurance-p50', 'endurance-p95', 'endurance-error-rate'];
const STEADY_MS = 300_000;
/** Multiplies the service times, which vary as those of the real server do: answers of 100 ms. */
const FACTOR = 40;
const DRIFT = 0.1;
const STEPS = 60;

let folder: string;
beforeAll(() => {
  folder = temporaryFolder('endurance');
});
afterAll(async () => {
  await stopReferences();
  rmSync(folder, { recursive: true, force: true });
});

const on = (server: ReferenceProcess, name: string) =>
  startCli([...FIVE_MINUTES, '--only', GROWTH.join(','), '--target', server.url, '--out', join(folder, name)], {
    deadlineMs: 2 * STEADY_MS,
  }).finished;

/** As they are kept in bench/results/endurance.txt. */
function told(name: string): string[] {
  const lines = verdictIn(join(folder, name)).targets.map(
    ({ id, verdict, reason }) => `${name.padEnd(8)} ${id.padEnd(21)} ${verdict.padEnd(8)} ${reason}`,
  );
  process.stdout.write(`${lines.join('\n')}\n`);
  return lines;
}

test('a server that gets slower by a tenth in all fails, and beside it one that stays as it is does not', async () => {
  const args = ['--control-port', '0', '--latency-factor', String(FACTOR)];
  const [steady, drifting] = [await reference(...args), await reference(...args)];
  const both = Promise.all([on(steady, 'steady'), on(drifting, 'drifting')]);
  await until(async () => (await answered(drifting)) > 100, 'the load is under way');
  for (let step = 1; step <= STEPS; step++) {
    await setFaults(drifting, { latencyFactor: { all: FACTOR * (1 + (DRIFT * step) / STEPS) } });
    await new Promise((done) => setTimeout(done, STEADY_MS / STEPS));
  }
  const [same, slower] = await both;
  const lines = [...told('steady'), ...told('drifting')];
  expect({ lines, codes: [same.code, slower.code] }).toEqual({ lines, codes: [0, 1] });
  expect(slower.stdout).toMatch(
    /Growth of the P50 latency, interactive requests: \+\d+\.\d % over 5m \(95 % interval \+.*, p /,
  );
}, 900_000);
