import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { identity } from '../../scripts/run/identity';
import { PINNED_VERSION } from '../../scripts/setup';
import { repository } from '../support/cli';
import { expectFailed, expectSurvived, FAILED, faultRuns, SURVIVED } from '../support/fault-runs';
import { type StressOutcome, stressLanes } from '../support/faults';
import type { Lanes } from '../support/lanes';
import { describeWith } from '../support/services';

const LANES = 3;
const DEADLINE_MS = 30 * 60_000;

describeWith(['redis', 'postgres'], 'faults in real services, at their own length', () => {
  const told: string[] = [];
  let lanes: Lanes<StressOutcome>;

  beforeAll(() => {
    // The clients' own times as well: FIML tries for 10 to 13 s to reach its Redis.
    lanes = stressLanes(LANES, [], [], faultRuns([], []));
  });
  afterAll(async () => {
    const { commit } = identity(PINNED_VERSION);
    const head = `test/long/faults.test.ts on commit ${commit}, ${LANES} runs at a time, load average ${loadavg()[2]?.toFixed(1)} in the last quarter of an hour`;
    writeFileSync(join(repository, 'bench/results/faults.txt'), `${[head, '', ...told].join('\n')}\n`);
    await lanes.stop();
  }, DEADLINE_MS);

  const outcome = async (name: string): Promise<StressOutcome> => {
    const found = await lanes.outcomeOf(name);
    const { verdict, exitCode, reasons } = found.verdict;
    told.push(
      `${verdict.padEnd(8)} ${exitCode}  ${name}${reasons.map((reason) => `\n              ${reason}`).join('')}`,
    );
    return found;
  };

  test.each(SURVIVED)(
    '%s is survived by a healthy server',
    async (name, proven) => {
      expectSurvived(await outcome(name), proven);
    },
    DEADLINE_MS,
  );

  test.each(FAILED)(
    '%s fails, for the right reason',
    async (name, id, words) => {
      expectFailed(await outcome(name), id, words);
    },
    DEADLINE_MS,
  );
});
