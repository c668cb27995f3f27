import { evaluate, holds, interpolate } from '../../support/expressions';

const contexts = {
  github: {
    event_name: 'pull_request',
    event: { pull_request: { head: { repo: { full_name: 'Acme/fiml' } } } },
    repository: 'acme/fiml',
  },
  inputs: { 'start-base': '', profile: 'smoke' },
  steps: { measure: { outputs: { verdict: 'PASS' } } },
};
const inText = (expression: string): string => `$\{{${expression}}}`;
const fine = { failed: false };
const failed = { failed: true };

test.each<[string, unknown]>([
  ["github.event_name == 'pull_request'", true],
  ["github.event_name != 'pull_request'", false],
  ['github.event.pull_request.head.repo.full_name == github.repository', true],
  ['github.event.workflow_run.event', null],
  ["github.event_name == 'push' || inputs.profile == 'smoke' && !false", true],
  ["(github.event_name == 'push' || true) && false", false],
  ['inputs.start-base || inputs.profile', 'smoke'],
  ["'it''s'", "it's"],
  ['steps.measure.outputs.verdict', 'PASS'],
  ['always() && failure()', false],
  ['20', 20],
])('%s is %j', (expression, value) => {
  expect(evaluate(expression, contexts, fine)).toBe(value);
});

test.each([
  'secrets.TOKEN',
  "hashFiles('a')",
  'cancelled()',
  'github.event',
  'github.event_name =',
  "github.event_name == 'a' 'b'",
  'github.event_name == 1',
  '&& true',
  '(true',
])('%s is refused rather than taken for something', (expression) => {
  expect(() => evaluate(expression, contexts, fine)).toThrow();
});

test('a text has its expressions replaced; what is not there is empty', () => {
  expect(
    interpolate(
      `a ${inText(' inputs.profile ')} b${inText(' inputs.none ')}, ${inText('inputs.profile')}`,
      contexts,
      fine,
    ),
  ).toBe('a smoke b, smoke');
});

test('after a failure only that runs which asks for it', () => {
  expect([undefined, 'true', 'always()', 'failure()', 'success()'].map((one) => holds(one, contexts, failed))).toEqual([
    false,
    false,
    true,
    true,
    false,
  ]);
  expect([undefined, 'true', inText(' always() '), 'failure()'].map((one) => holds(one, contexts, fine))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
