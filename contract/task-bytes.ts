import { ENVELOPE, endsAsSuccess } from './bytes';

const TASK = `${ENVELOPE}{\\"`;
const SUBMITTED = [`${TASK}task_id\\":\\"`, `${TASK}task_id\\": \\"`];
const ID_END = '\\",';
const STATUS = '\\"status\\":';
const STATUSES = ['running', 'pending', 'completed'].flatMap((status) =>
  ['', ' '].map((space) => ({ status, value: `${space}\\"${status}\\",` })),
);

/** What a healthy answer about a task says of it; null when its bytes do not tell, or it may not be healthy. */
export function taskStatusIn(body: string): string | null {
  const statusAt = body.startsWith(TASK) ? body.indexOf(STATUS, ENVELOPE.length) : -1;
  const objectAt = body.indexOf('{', TASK.length);
  // A status that stands before all objects in the answer is its own.
  if (statusAt < 0 || (objectAt >= 0 && objectAt < statusAt) || !endsAsSuccess(body)) return null;
  return STATUSES.find(({ value }) => body.startsWith(value, statusAt + STATUS.length))?.status ?? null;
}

/** The id of a task that a healthy answer says has begun; null when its bytes do not tell, or it may not be healthy. */
export function submittedTaskIn(body: string): string | null {
  const head = SUBMITTED.find((one) => body.startsWith(one));
  if (head === undefined || taskStatusIn(body) === null) return null;
  const id = body.slice(head.length, body.indexOf(ID_END, head.length));
  return id === '' || id.includes('\\') ? null : id;
}
