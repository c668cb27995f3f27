import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Services } from '../../scripts/services';
import { temporaryFolder } from '../support/cli';
import {
  enabled,
  faults,
  type Sent,
  type StressOutcome,
  type StressRun,
  sends,
  stressLanes,
  toxic,
  untoxic,
} from '../support/faults';
import { describeWith } from '../support/services';

const LANES = 3;
/** What is broken for good is watched for 10 s here, and must be back within fewer for a verdict. */
const SOON = join(temporaryFolder('limits'), 'limits.json');

/** Each search holds up the server for 0.4 s: two a second, until there are enough of them. */
const REDIS_DOWN = ['--rate', '2', '--duration', '50s'];

/** Instead of the scenario's own fault, one that is worse than a server may be. */
const worse =
  (on: (services: Services) => readonly Sent[], off: (services: Services) => readonly Sent[]) =>
  (services: Services): NodeJS.ProcessEnv => ({
    PERF_FAULT_ON: sends(...on(services)),
    PERF_FAULT_OFF: sends(...off(services)),
  });

const RUNS: Readonly<Record<string, StressRun>> = {
  // First: a server that has opened all of its connections already is not turned away.
  'redis-connections maxclients': { scenario: 'redis-connections', args: ['--fault', 'maxclients'] },
  'provider-failure': { scenario: 'provider-failure' },
  'provider-failure with errors': {
    scenario: 'provider-failure',
    env: worse(
      (to) => [faults(to, { providerDown: true, errorRate: { http: 0.2 } })],
      (to) => [faults(to, { providerDown: false, errorRate: {} })],
    ),
  },
  'database-down': { scenario: 'database-down' },
  'database-down with errors': {
    scenario: 'database-down',
    env: worse(
      (to) => [enabled(to, 'postgres', false), faults(to, { errorRate: { 'data:search': 0.1 } })],
      (to) => [enabled(to, 'postgres', true), faults(to, { errorRate: {} })],
    ),
  },
  'database-pool': { scenario: 'database-pool' },
  'database-pool that starves cached queries': {
    scenario: 'database-pool',
    env: worse(
      (to) => [toxic(to, 'postgres', 1000), faults(to, { latencyAddMs: { search: 250 } })],
      (to) => [untoxic(to, 'postgres'), faults(to, { latencyAddMs: {} })],
    ),
  },
  'redis-slow': { scenario: 'redis-slow' },
  'redis-slow beyond its limit': {
    scenario: 'redis-slow',
    env: worse(
      (to) => [toxic(to, 'redis', 300)],
      (to) => [untoxic(to, 'redis')],
    ),
  },
  'redis-connections': { scenario: 'redis-connections' },
  'redis-connections with errors': {
    scenario: 'redis-connections',
    env: worse(
      (to) => [faults(to, { errorRate: { 'inner:search': 0.1 } })],
      (to) => [faults(to, { errorRate: {} })],
    ),
  },
  'redis-down': { scenario: 'redis-down', args: REDIS_DOWN },
  'redis-down that does not come back': {
    scenario: 'redis-down',
    args: [...REDIS_DOWN, '--thresholds', SOON],
    env: (to) => ({ PERF_FAULT_ON: sends(enabled(to, 'redis', false)), PERF_FAULT_OFF: 'true' }),
    meanwhile: async (to, finished) => {
      await finished;
      const [method, url, body] = enabled(to, 'redis', true);
      await fetch(url, { method, body: JSON.stringify(body) });
    },
  },
  network: { scenario: 'network' },
  'network reset': { scenario: 'network', args: ['--fault', 'reset'] },
  'network that is too slow': {
    scenario: 'network',
    env: worse(
      (to) => [toxic(to, 'fiml', 1200)],
      (to) => [untoxic(to, 'fiml')],
    ),
  },
  'without effect': { scenario: 'database-down', env: () => ({ PERF_FAULT_ON: 'true', PERF_FAULT_OFF: 'true' }) },
};

describeWith(['redis', 'postgres'], 'faults in real services', () => {
  const lanes = stressLanes(LANES);
  let outcomes: Map<string, Promise<StressOutcome>>;

  beforeAll(() => {
    writeFileSync(SOON, '{"version": 1, "targets": {"fault-recovery": {"limit": 5}}}');
    outcomes = lanes.outcomes(RUNS);
  });
  afterAll(async () => {
    rmSync(dirname(SOON), { recursive: true, force: true });
    await lanes.stop();
  }, 60_000);

  const outcome = async (name: string): Promise<StressOutcome> => {
    const found = await outcomes.get(name);
    if (found === undefined) throw new Error(`there is no run ${name}`);
    return found;
  };
  const failed = ({ verdict }: StressOutcome) =>
    verdict.targets.filter((row) => row.verdict === 'FAIL').map(({ id }) => id);

  test.each([
    ['provider-failure', 'provider-honest'],
    ['database-down', 'database-down-error-rate'],
    ['database-pool', 'pool-wait'],
    ['redis-slow', 'redis-slow-p95'],
    ['redis-connections', 'connections-error-rate'],
    ['redis-connections maxclients', 'connections-error-rate'],
    ['redis-down', 'redis-down-median'],
    ['network', 'network-p95'],
    ['network reset', 'fault-recovery'],
  ])(
    '%s is survived by a healthy server',
    async (name, proven) => {
      const { code, stdout, verdict } = await outcome(name);
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\nPASS/) });
      expect(verdict.targets.find(({ id }) => id === proven)?.verdict).toBe('PASS');
      expect(verdict.targets.find(({ id }) => id === 'fault-recovery')?.verdict).toBe('PASS');
      expect(verdict.checks.find(({ id }) => id === 'fault')).toMatchObject({ ok: true });
    },
    300_000,
  );

  test.each([
    ['provider-failure with errors', 'provider-honest', /right, or say that there is no data: 8\d\.\d+ %/],
    ['database-down with errors', 'database-down-error-rate', /Error rate without PostgreSQL.* data \d+/],
    [
      'database-pool that starves cached queries',
      'database-p95',
      /while PostgreSQL is in trouble: \d+ ms, must be below 200 ms/,
    ],
    ['redis-slow beyond its limit', 'redis-slow-p95', /while Redis is slow: \d+ ms, must be below 200 ms/],
    ['redis-connections with errors', 'connections-error-rate', /beyond the connections to Redis.* inner \d+/],
    ['redis-down that does not come back', 'fault-recovery', /Back to the level before the fault: not back/],
    ['network that is too slow', 'network-p95', /over a bad network: 1\d{3} ms/],
  ])(
    '%s fails, for the right reason',
    async (name, id, words) => {
      const finished = await outcome(name);
      expect({ code: finished.code, stdout: finished.stdout }).toEqual({
        code: 1,
        stdout: expect.stringMatching(words),
      });
      expect(failed(finished)).toContain(id);
    },
    300_000,
  );

  test('the report has the phases beside each other, and when the fault was made, seen, felt and undone', async () => {
    const { report, stdout } = await outcome('provider-failure');
    expect(report).toMatch(/^\| before \| .* \| 0 \|$/m);
    expect(report).toMatch(/^\| fault \| .* \| \d+ \(\d+\.\d %\): data \d+ \|$/m);
    const moments = [...report.matchAll(/^\| (?:within )?([\d.]+) s \| (the|its|first|it) .*\|$/gm)].map(
      ([line]) => line,
    );
    const found = ['was made', 'sign was seen', 'failed answer, layer data', 'was undone', 'sign was gone'].map(
      (what) => moments.findIndex((line) => line.includes(what)),
    );
    expect(found).not.toContain(-1);
    expect(stdout).toMatch(/^lost in the phase fault: \d+ of \d+ requests .*: data \d+$/m);
  }, 300_000);

  test('a fault without effect has tested nothing, and is no pass', async () => {
    const { code, stdout } = await outcome('without effect');
    expect({ code, stdout }).toEqual({
      code: 3,
      stdout: expect.stringMatching(/the fault had no effect: .*nothing was tested/),
    });
  }, 300_000);
});
