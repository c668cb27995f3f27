import { setTimeout as pause } from 'node:timers/promises';
import { type Comparison, post, textAt, toolRoute } from './comparison';
import { beginning, detail } from './shapes';
import { dslResult } from './shapes-routes';
import { completed, completedTask, parseError, submitted } from './shapes-tools';

/** Two steps, 200 ms. */
const QUERY = 'EVALUATE AAPL: PRICE, VOLUME';
const WRONG_QUERY = 'GET PRICE OF AAPL';
const POLL_MS = 100;
const DEADLINE_MS = 10_000;
const MARKET = '/api/market/dsl/execute';

/** FK-DSL by tool and by market route; it runs in the server's memory and needs nothing else. */
export async function dslRoutes(comparison: Comparison): Promise<void> {
  const task = await comparison.tool('execute-fk-dsl', { query: QUERY, async: true }, submitted(QUERY), 'async');
  const taskId = textAt(task, 'task_id');
  if (taskId !== null) await follow(comparison, taskId);
  await comparison.tool('execute-fk-dsl', { query: QUERY, async: false }, completed(QUERY), 'sync');
  for (const async of [false, true]) {
    const suffix = `a query that does not parse, ${async ? 'async' : 'sync'}`;
    await comparison.tool('execute-fk-dsl', { query: WRONG_QUERY, async }, parseError(WRONG_QUERY), suffix);
  }
  const market = (query: string, async_execution: boolean) => post(MARKET, { query, async_execution });
  await comparison.json(`POST ${MARKET}, sync`, market(QUERY, false), dslResult(QUERY, 'completed'));
  await comparison.json(`POST ${MARKET}, async`, market(QUERY, true), dslResult(QUERY, 'running'));
  const wrong = `POST ${MARKET}, a query that does not parse`;
  const failed = await comparison.json(wrong, market(WRONG_QUERY, false), dslResult(WRONG_QUERY, 'failed'));
  const error = textAt(failed, 'error');
  if (error !== null) comparison.value(`${wrong}, error`, beginning('Failed to parse DSL query: '), error);
  await comparison.json(`POST ${MARKET}, empty query`, market('', false), detail(), 400);
}

/** Polls a task until it is no longer running, and compares its end. */
async function follow(comparison: Comparison, taskId: string): Promise<void> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  const suffix = 'of a DSL task';
  for (;;) {
    const answer = await comparison.tool('get-task-status', { taskId }, null, suffix);
    if (answer === undefined) return;
    const status = textAt(answer, 'status');
    const goesOn = status === 'running' || status === 'pending';
    if (!goesOn || performance.now() > deadlineMs) {
      comparison.value(toolRoute('get-task-status', suffix), completedTask(taskId, QUERY), answer);
      return;
    }
    await pause(POLL_MS);
  }
}
