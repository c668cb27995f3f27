import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../support/cli';
import { expectFailed, expectSurvived, FAILED, faultRuns, SURVIVED } from '../support/fault-runs';
import { type StressOutcome, stressLanes } from '../support/faults';
import { outcomeOf } from '../support/lanes';
import { describeWith } from '../support/services';

const LANES = 2;
/** What is broken for good is watched for 8 s here, and must be back within fewer for a verdict. */
const SOON = join(temporaryFolder('limits'), 'limits.json');
/** Warm-up 2 s, before 4 s, fault 6 s, recovery 8 s: long enough for every target to have its samples. */
const SHORT = ['--rate', '60', '--spawn-rate', '10', '--probe-rate', '12', '--time-scale', '0.15', '--duration', '40s'];
/** Each search holds up the server for 0.4 s: two a second, until there are enough of them. */
const REDIS_DOWN = ['--rate', '2', '--duration', '56s'];
/** Clients of the stores try and wait for a tenth of their time: Redis' for a second, PostgreSQL's for three. */
const RETRIES = ['--retry-scale', '0.1'];

/** Further faults of a scenario, and further ways to fail, beside those made here: `make test-long` makes them. */
const LONG_ONLY: readonly string[] = [
  'redis-connections maxclients',
  'database-pool foreign-connections',
  'redis-slow on a server that hangs with it',
  'network reset',
];

describeWith(['redis', 'postgres'], 'faults in real services', () => {
  const lanes = stressLanes(LANES, SHORT, RETRIES);
  let outcomes: Map<string, Promise<StressOutcome>>;

  beforeAll(() => {
    writeFileSync(SOON, '{"version": 1, "targets": {"fault-recovery": {"limit": 5}}}');
    const runs = Object.entries(faultRuns(REDIS_DOWN, ['--thresholds', SOON]));
    outcomes = lanes.outcomes(Object.fromEntries(runs.filter(([name]) => !LONG_ONLY.includes(name))));
  });
  afterAll(async () => {
    rmSync(dirname(SOON), { recursive: true, force: true });
    await lanes.stop();
  }, 60_000);

  test.each(SURVIVED.filter(([name]) => !LONG_ONLY.includes(name)))(
    '%s is survived by a healthy server',
    async (name, proven) => {
      expectSurvived(await outcomeOf(outcomes, name), proven);
    },
    300_000,
  );

  test.each(FAILED.filter(([name]) => !LONG_ONLY.includes(name)))(
    '%s fails, for the right reason',
    async (name, id, words) => {
      expectFailed(await outcomeOf(outcomes, name), id, words);
    },
    300_000,
  );

  test('the report has the phases beside each other, and when the fault was made, seen, felt and undone', async () => {
    const { report, stdout } = await outcomeOf(outcomes, 'provider-failure');
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
    const { code, stdout } = await outcomeOf(outcomes, 'without effect');
    expect({ code, stdout }).toEqual({
      code: 3,
      stdout: expect.stringMatching(/the fault had no effect: .*nothing was tested/),
    });
  }, 300_000);
});
