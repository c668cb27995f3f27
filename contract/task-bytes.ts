import { ENVELOPE, endsAsSuccess } from './bytes';

const TASK = `${ENVELOPE}{\\"`;
const SUBMITTED = [`${TASK}task_id\\":\\"`, `${TASK}task_id\\": \\"`];
const QUOTE = '\\"';
const STATUS = '\\"status\\":';
const VALUE_END = '\\",';
const STATUSES: readonly string[] = ['running', 'pending', 'completed'];

/** What a healthy answer about a task says of it; null when its bytes do not tell, or it may not be healthy. */
export function taskStatusIn(body: string): string | null {
  const statusAt = body.startsWith(TASK) ? body.indexOf(STATUS, ENVELOPE.length) : -1;
  const objectAt = body.indexOf('{', TASK.length);
  // A status that stands before all objects in the answer is its own.
  if (statusAt < 0 || (objectAt >= 0 && objectAt < statusAt) || !endsAsSuccess(body)) return null;
  const afterName = statusAt + STATUS.length;
  const quoteAt = body[afterName] === ' ' ? afterName + 1 : afterName;
  const status = body.slice(quoteAt + QUOTE.length, body.indexOf(VALUE_END, quoteAt));
  return body.startsWith(QUOTE, quoteAt) && STATUSES.includes(status) ? status : null;
}

/** The id of a task that a healthy answer says has begun; null when its bytes do not tell, or it may not be healthy. */
export function submittedTaskIn(body: string): string | null {
  const head = SUBMITTED.find((one) => body.startsWith(one));
  if (head === undefined || taskStatusIn(body) === null) return null;
  const id = body.slice(head.length, body.indexOf(VALUE_END, head.length));
  return id === '' || id.includes('\\') ? null : id;
}
