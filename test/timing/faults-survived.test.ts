import { expectSurvived, SURVIVED } from '../support/fault-runs';
import { describeWith } from '../support/services';
import { shortFaults, shortOf } from '../support/short-faults';

const CASES = shortOf(SURVIVED);

describeWith(['redis', 'postgres'], 'faults in real services, on a healthy server', () => {
  let made: ReturnType<typeof shortFaults>;
  beforeAll(() => {
    made = shortFaults(CASES.map(([name]) => name));
  });
  afterAll(() => made.stop(), 120_000);

  test.each(CASES)(
    '%s is survived',
    async (name, proven) => {
      expectSurvived(await made.outcomeOf(name), proven);
    },
    300_000,
  );

  test('the report has the phases beside each other, and when the fault was made, seen, felt and undone', async () => {
    const { report, stdout } = await made.outcomeOf('provider-failure');
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
});
