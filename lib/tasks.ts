import { sleep } from 'k6';
import { Rate, Trend } from 'k6/metrics';
import { executeDsl, submitDsl, taskStatus } from '../contract';
import { TASK_DEADLINE_MS } from '../profiles';
import type { Client } from './client';
import { addObservations } from './observations';

/** How often a person's client asks whether the task has ended; the server's own synchronous mode looks as often. */
const POLL_EVERY_S = 0.1;

const { add: addCompleted } = new Rate('fiml_task_completed');
const { add: addDslDuration } = new Trend('fiml_dsl_duration', true);

const TASK = { series: 'task' };
const DSL = { series: 'dsl' };

/** Submits a query as a task and polls it to its end: completed, failed, lost, or past the deadline. */
export function followTask(client: Client, query: string): void {
  const startedAtMs = Date.now();
  const done = taskCompletes(client, query, startedAtMs + TASK_DEADLINE_MS);
  addCompleted(done);
  addObservations(1, TASK);
  if (done) recordDsl(Date.now() - startedAtMs);
}

/** Runs a query in one request, which answers when it has run. */
export function runDsl(client: Client, query: string): void {
  const { outcome, response } = client.send(executeDsl(query), 'dsl');
  if (outcome.ok) recordDsl(response.timings.duration);
}

function recordDsl(durationMs: number): void {
  addDslDuration(durationMs);
  addObservations(1, DSL);
}

function taskCompletes(client: Client, query: string, deadlineMs: number): boolean {
  const submitted = client.send(submitDsl(query), 'dsl').outcome;
  if (!submitted.ok) return false;
  const taskId = String(submitted.value?.task_id);
  while (Date.now() < deadlineMs) {
    sleep(POLL_EVERY_S);
    const { outcome } = client.send(taskStatus(taskId), 'poll');
    if (!outcome.ok) return false;
    if (outcome.value?.status === 'completed') return true;
  }
  return false;
}
