import { expectFailed, FAILED } from '../support/fault-runs';
import { describeWith } from '../support/services';
import { shortFaults, shortOf } from '../support/short-faults';

const CASES = shortOf(FAILED);

describeWith(['redis', 'postgres'], 'faults in real services that a server does not survive', () => {
  let made: ReturnType<typeof shortFaults>;
  beforeAll(() => {
    made = shortFaults([...CASES.map(([name]) => name), 'without effect']);
  });
  afterAll(() => made.stop(), 120_000);

  test.each(CASES)(
    '%s fails, for the right reason',
    async (name, id, words) => {
      expectFailed(await made.outcomeOf(name), id, words);
    },
    300_000,
  );

  test('a fault without effect has tested nothing, and is no pass', async () => {
    const { code, stdout } = await made.outcomeOf('without effect');
    expect({ code, stdout }).toEqual({
      code: 3,
      stdout: expect.stringMatching(/the fault had no effect: .*nothing was tested/),
    });
  }, 300_000);
});
