import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli, type Finished, startCli, temporaryFolder, until, verdictIn } from '../support/cli';
import { inLanes, type Lanes } from '../support/lanes';
import { firstPass } from '../support/load';
import { answered, type ReferenceProcess, reference, stopReferences } from '../support/reference';

/** 25/s, 250/s in the spike; warm-up 1 s, before 4 s, spike 5 s, recovery 8 s. */
const SPIKE = ['--profile', 'spike', '--rate', '25', '--spawn-rate', '8', '--time-scale', '0.14', '--duration', '36s'];
/** 160/s for as long as a thousand answers take. */
const PEAK = ['--profile', 'peak', '--rate', '80', '--spawn-rate', '100', '--probe-rate', '10', '--duration', '6s'];
/** Answers that only a spike that has begun can have brought. */
const IN_THE_SPIKE = 450;
const SLOW = { latencyAddMs: { all: 60 } };

const folder = temporaryFolder('spike');
/** What is not back is watched for 8 s here, and must be back within fewer for a verdict. */
const SOON = join(folder, 'limits.json');

const argsOf = (name: string, server: ReferenceProcess, load: readonly string[]) => [
  'run',
  'load',
  '--target',
  server.url,
  '--out',
  join(folder, name),
  ...load,
];

const loadOn = async (name: string, load: readonly string[], ...server: string[]): Promise<Finished> =>
  cli(argsOf(name, await reference(...server), load));

/** A spike in which the server changes once it has begun. */
async function spikeWith(name: string, faults: object, more: readonly string[] = []): Promise<Finished> {
  const server = await reference('--control-port', '0');
  const running = startCli(argsOf(name, server, [...SPIKE, ...more]));
  await until(async () => (await answered(server)) > IN_THE_SPIKE, 'the spike has begun', 60_000);
  await fetch(`${server.controlUrl}/faults`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(faults),
  });
  return running.finished;
}

let loads: Lanes<Finished>;
beforeAll(() => {
  writeFileSync(SOON, '{"version": 1, "targets": {"spike-recovery": {"limit": 5}}}');
  loads = inLanes(1, {
    peak: () => firstPass((attempt) => loadOn(`peak-${attempt}`, PEAK)),
    'peak-too-much': () => loadOn('peak-too-much', PEAK, '--capacity', '1', '--latency-add-ms', '8'),
    spike: () => firstPass((attempt) => loadOn(`spike-${attempt}`, SPIKE)),
    'spike-errors': () => spikeWith('spike-errors', { errorRate: { envelope: 0.3 } }),
    'spike-no-recovery': () => spikeWith('spike-no-recovery', SLOW, ['--thresholds', SOON]),
    'spike-too-short': () => spikeWith('spike-too-short', SLOW),
  });
});
afterAll(async () => {
  await loads.stop();
  await stopReferences();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

const failed = (name: string) =>
  verdictIn(join(folder, name))
    .targets.filter(({ verdict }) => verdict === 'FAIL')
    .map(({ id }) => id);

test.each(['peak', 'spike'])('a healthy server stands a %s', async (name) => {
  const { code, stdout } = await loads.outcomeOf(name);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`PASS  load, profile ${name}`) });
}, 240_000);

test('a server that cannot follow twice the load fails by what it did not carry out', async () => {
  expect((await loads.outcomeOf('peak-too-much')).code).toBe(1);
  expect(failed('peak-too-much')).toEqual(expect.arrayContaining(['peak-p95', 'peak-throughput']));
}, 120_000);

test('errors in the spike fail it, by layer', async () => {
  const { code, stdout } = await loads.outcomeOf('spike-errors');
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/^\nFAIL/) });
  expect(stdout).toMatch(/Error rate in the spike.* must be below 10 %; \d+ failures by layer: envelope/);
}, 120_000);

test('a server that stays slow after the spike has not recovered', async () => {
  const { code, stdout } = await loads.outcomeOf('spike-no-recovery');
  expect(code).toBe(1);
  expect(failed('spike-no-recovery')).toEqual(['spike-recovery']);
  expect(stdout).toMatch(/Back to the level before the spike: not back in all of the \d s: P50 \d/);
}, 120_000);

test('what was not watched for long enough to miss the limit is neither a pass nor a failure', async () => {
  const { code, stdout } = await loads.outcomeOf('spike-too-short');
  expect(code).toBe(3);
  expect(stdout).toMatch(/not back within the \d s that were watched/);
}, 120_000);
