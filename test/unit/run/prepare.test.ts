import { prepareRun } from '../../../scripts/run';

const prepare = (scenario: string) =>
  prepareRun({ scenario, env: {}, flags: {}, out: null, stream: process.stderr, quiet: true });

test.each([
  ['spike', 'spike is a profile, and no scenario: fiml-perf run load --profile spike'],
  ['laod', /^there is no scenario "laod"; did you mean load\? Known are .*load/],
  ['nothing-of-the-kind', /^there is no scenario "nothing-of-the-kind"\. Known are /],
])('%s is no scenario, and it is said which there are', (scenario, message) => {
  expect(() => prepare(scenario)).toThrow(message);
});
