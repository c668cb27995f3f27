import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli, type Finished, startCli, temporaryFolder, until, verdictIn } from '../support/cli';
import { answered, type ReferenceProcess, reference, stopReferences } from '../support/reference';

/** 20/s, 200/s in the spike; before 4 s, spike 5 s, recovery 8 s. */
const SPIKE = [
  '--profile',
  'spike',
  '--rate',
  '20',
  '--spawn-rate',
  '1000',
  '--time-scale',
  '0.14',
  '--duration',
  '36s',
];
/** 160/s for as long as a thousand answers take. */
const PEAK = ['--profile', 'peak', '--rate', '80', '--spawn-rate', '1000', '--probe-rate', '10', '--duration', '6s'];
/** Answers that only a spike that has begun can have brought. */
const IN_THE_SPIKE = 350;

let folder: string;
beforeAll(() => {
  folder = temporaryFolder('spike');
});
afterEach(stopReferences);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const argsOf = (name: string, server: ReferenceProcess, load: readonly string[]) => [
  'run',
  'load',
  '--target',
  server.url,
  '--out',
  join(folder, name),
  ...load,
];
const failed = (name: string) =>
  verdictIn(join(folder, name))
    .targets.filter(({ verdict }) => verdict === 'FAIL')
    .map(({ id }) => id);
const patch = ({ controlUrl }: ReferenceProcess, faults: object) =>
  fetch(`${controlUrl}/faults`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(faults),
  });

/** A spike in which the server changes once it has begun. */
async function spikeWith(name: string, faults: object, more: readonly string[] = []): Promise<Finished> {
  const server = await reference('--control-port', '0');
  const running = startCli(argsOf(name, server, [...SPIKE, ...more]));
  await until(async () => (await answered(server)) > IN_THE_SPIKE, 'the spike has begun', 60_000);
  await patch(server, faults);
  return running.finished;
}

test('a healthy server stands twice the load', async () => {
  const { code, stdout } = await cli(argsOf('peak', await reference(), PEAK));
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\nPASS {2}load, profile peak/) });
}, 90_000);

test('a server that cannot follow twice the load fails by what it did not carry out', async () => {
  const server = await reference('--capacity', '1', '--latency-add-ms', '8');
  const { code } = await cli(argsOf('peak-too-much', server, PEAK));
  expect(code).toBe(1);
  expect(failed('peak-too-much')).toEqual(expect.arrayContaining(['peak-p95', 'peak-throughput']));
}, 90_000);

test('a healthy server stands a spike and is back at once', async () => {
  const { code, stdout } = await cli(argsOf('spike', await reference(), SPIKE));
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\nPASS {2}load, profile spike/) });
}, 90_000);

test('errors in the spike fail it, by layer', async () => {
  const { code, stdout } = await spikeWith('spike-errors', { errorRate: { envelope: 0.3 } });
  expect(code).toBe(1);
  expect(stdout).toMatch(/Error rate in the spike.* must be below 10 %; \d+ failures by layer: envelope/);
}, 90_000);

test('a server that stays slow after the spike has not recovered', async () => {
  const limits = join(folder, 'limits.json');
  // It is watched for 8 s here, and must be back within fewer for a verdict.
  writeFileSync(limits, '{"version": 1, "targets": {"spike-recovery": {"limit": 5}}}');
  const slow = { latencyAddMs: { all: 60 } };
  const { code, stdout } = await spikeWith('spike-no-recovery', slow, ['--thresholds', limits]);
  expect(code).toBe(1);
  expect(failed('spike-no-recovery')).toEqual(['spike-recovery']);
  expect(stdout).toMatch(/Back to the level before the spike: not back in all of the \d s: P50 \d/);
}, 90_000);

test('what was not watched for long enough to miss the limit is neither a pass nor a failure', async () => {
  const { code, stdout } = await spikeWith('spike-too-short', { latencyAddMs: { all: 60 } });
  expect(code).toBe(3);
  expect(stdout).toMatch(/not back within the \d s that were watched/);
}, 90_000);
