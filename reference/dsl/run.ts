import { randomUUID } from 'node:crypto';
import { type Clock, isoTime } from '../clock';
import { float } from '../json';
import { STEP_SLEEP_MS, type Step } from './plan';

/** How often a synchronous call looks whether its query has ended, ms. */
const POLL_MS = 100;

/** A running or finished query. */
export interface DslTask {
  readonly id: string;
  readonly query: string;
  readonly totalSteps: number;
  readonly createdAt: string;
  completedSteps: number;
  completedAt: string | null;
  readonly result: Record<string, unknown>;
}

/** Starts the steps; those whose predecessors have ended run side by side. */
export function startDsl(query: string, steps: readonly Step[], clock: Clock): DslTask {
  const task: DslTask = {
    id: randomUUID(),
    query,
    totalSteps: steps.length,
    createdAt: isoTime(clock.now()),
    completedSteps: 0,
    completedAt: null,
    result: {},
  };
  const ends: Promise<void>[] = [];
  for (const step of steps) {
    const before = step.after.map((index) => ends[index]);
    ends.push(
      Promise.all(before)
        .then(() => clock.sleep(STEP_SLEEP_MS[step.kind]))
        .then(() => {
          task.result[randomUUID()] = { type: step.kind, symbol: step.symbol, value: float(100), status: 'completed' };
          task.completedSteps++;
        }),
    );
  }
  void Promise.all(ends).then(() => {
    task.completedAt = isoTime(clock.now());
  });
  return task;
}

/** Looks every 100 ms, as the server does: a query of 150 ms takes 200. */
export async function untilDone(task: DslTask, clock: Clock): Promise<void> {
  while (task.completedAt === null) await clock.sleep(POLL_MS);
}

/** What get-task-status says. */
export const statusOf = (task: DslTask): Record<string, unknown> => ({
  task_id: task.id,
  status: task.completedAt === null ? 'running' : 'completed',
  type: 'dsl_evaluate',
  query: task.query,
  progress: float(task.totalSteps === 0 ? 0 : Math.round((task.completedSteps / task.totalSteps) * 1e4) / 1e4),
  completed_steps: task.completedSteps,
  total_steps: task.totalSteps,
  created_at: task.createdAt,
  started_at: task.createdAt,
  completed_at: task.completedAt,
  result: task.completedAt === null ? null : task.result,
  error: null,
});
