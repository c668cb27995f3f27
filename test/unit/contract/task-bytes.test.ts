import fc from 'fast-check';
import { classify } from '../../../contract';
import { submittedTaskIn, taskStatusIn } from '../../../contract/task-bytes';
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

test.each(['running', 'pending', 'completed'])('a task that is %s is known by its bytes', (status) => {
  for (const spaced of [true, false]) {
    expect(taskStatusIn(bodyOf(running(status), spaced))).toBe(status);
    // An answer's results have a status of their own.
    expect(taskStatusIn(bodyOf({ ...running(status), result: { a: { status: 'failed' } } }, spaced))).toBe(status);
    expect(taskStatusIn(bodyOf(running(status), spaced, true))).toBeNull();
    const { status: _, ...without } = running(status);
    expect(taskStatusIn(bodyOf({ result: { status }, ...without }, spaced))).toBeNull();
  }
});

test.each(['failed', 'not_found', 'cancelled', 'Running', 'running ', ''])('a task that is %j is decoded', (status) => {
  for (const spaced of [true, false]) expect(taskStatusIn(bodyOf(running(status), spaced))).toBeNull();
});

test('a task that begins tells its id by its bytes, and one that does not is decoded', () => {
  for (const spaced of [true, false]) {
    const id = running('running').task_id;
    expect(submittedTaskIn(bodyOf(running('running'), spaced))).toBe(id);
    const others = [running('failed'), { ...running('running'), task_id: '' }, { ...running('running'), task_id: 7 }];
    for (const other of others) expect(submittedTaskIn(bodyOf(other, spaced))).toBeNull();
    const { task_id: _, ...without } = running('running');
    expect(submittedTaskIn(bodyOf(without, spaced))).toBeNull();
    expect(submittedTaskIn(bodyOf({ ...running('running'), task_id: 'a"b\\' }, spaced))).toBeNull();
    expect(submittedTaskIn(bodyOf(running('running'), spaced, true))).toBeNull();
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

test('whatever JSON an answer holds, bytes tell nothing that decoding does not', () => {
  const seen = { healthy: 0, told: 0, ids: 0 };
  fc.assert(
    fc.property(
      fc.oneof(
        anyInner,
        anyInner.map((inner) => ({ ...running('running'), ...inner })),
      ),
      fc.boolean(),
      (inner, spaced) => {
        const body = bodyOf(inner, spaced);
        const status = decodedStatus(body);
        if (status !== null) seen.healthy++;
        const told = taskStatusIn(body);
        if (told === null) return;
        seen.told++;
        expect([body, told]).toEqual([body, status]);
        const id = submittedTaskIn(body);
        if (id === null) return;
        seen.ids++;
        expect(classify({ status: 200, body }, { kind: 'dsl-submitted' }, 'full')).toMatchObject({
          value: { task_id: id },
        });
      },
    ),
    { numRuns: 5000 },
  );
  // Bytes that never tell would make this a property of nothing.
  expect(seen.healthy).toBeGreaterThan(500);
  expect(seen.told).toBeGreaterThan(200);
  expect(seen.ids).toBeGreaterThan(100);
});

test('an answer that breaks off anywhere tells nothing', () => {
  const body = bodyOf(running('running'), false);
  const told = Array.from(body, (_, length) => body.slice(0, length)).filter(
    (part) => taskStatusIn(part) !== null || submittedTaskIn(part) !== null,
  );
  expect(told).toEqual([]);
});
