import fc from 'fast-check';
import { classify } from '../../../contract';
import { taskLooksUnended } from '../../../contract/search-bytes';
import { Entries, type Node, toolBody, write } from './answers';

const running = (status: string): Record<string, unknown> => ({
  task_id: '7b9a8be6-1ec6-443e-852a-d529a895bb73',
  status,
  type: 'dsl_evaluate',
  query: 'EVALUATE AAPL: PRICE',
  progress: 0.3333,
  result: null,
  error: null,
});

const nodeOf = (value: unknown): Node => {
  if (Array.isArray(value)) return value.map(nodeOf);
  if (typeof value !== 'object' || value === null) return value as Node;
  return new Entries(Object.entries(value).map(([key, one]) => [key, nodeOf(one)]));
};
const bodyOf = (inner: object, spaced: boolean, isError = false): string =>
  toolBody(write(nodeOf(inner), spaced), isError);

/** The status that decoding the answer finds, where that is a right answer about a task. */
function decodedStatus(body: string): unknown {
  const outcome = classify({ status: 200, body }, { kind: 'task' }, 'full');
  return outcome.ok ? outcome.value?.status : null;
}

test.each(['running', 'pending'])('a task that is %s is known by its bytes, and its end is not', (status) => {
  for (const spaced of [true, false]) {
    expect(taskLooksUnended(bodyOf(running(status), spaced))).toBe(true);
    for (const other of ['completed', 'failed', 'not_found', 'cancelled', 'Running', 'running ']) {
      expect([other, taskLooksUnended(bodyOf(running(other), spaced))]).toEqual([other, false]);
    }
    expect(taskLooksUnended(bodyOf(running(status), spaced, true))).toBe(false);
  }
});

const word = fc.constantFrom(
  'running',
  'pending',
  'completed',
  'failed',
  '',
  '"status":"running",',
  '\\"status\\":\\"running\\",',
);
const name = fc.constantFrom('status', 'task_id', 'result', 'x_status', 'query', 'error', '"status":"running"');
const anyInner = fc.dictionary(
  name,
  fc.oneof(
    word,
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.dictionary(name, word),
    fc.array(fc.dictionary(name, word)),
  ),
);

test('whatever JSON an answer holds, bytes never call a task unended that decoding does not', () => {
  const seen = { unended: 0, passing: 0 };
  fc.assert(
    fc.property(
      fc.oneof(
        anyInner,
        anyInner.map((inner) => ({ ...running('running'), ...inner })),
      ),
      fc.boolean(),
      (inner, spaced) => {
        const body = bodyOf(inner, spaced);
        const unended = ['running', 'pending'].includes(String(decodedStatus(body)));
        if (unended) seen.unended++;
        if (!taskLooksUnended(body)) return;
        seen.passing++;
        expect([body, unended]).toEqual([body, true]);
      },
    ),
    { numRuns: 5000 },
  );
  // Bytes that never pass would make this a property of nothing.
  expect(seen.unended).toBeGreaterThan(500);
  expect(seen.passing).toBeGreaterThan(200);
});

test('an answer that breaks off anywhere is not called unended', () => {
  const body = bodyOf(running('running'), false);
  expect(Array.from(body, (_, length) => taskLooksUnended(body.slice(0, length))).filter(Boolean)).toEqual([]);
});
