import { parentPort, workerData } from 'node:worker_threads';
import type { Cell } from './cells';
import { makePart, type Part, type Pools, readPools } from './pool';
import { runCell } from './run-cell';

/** What a worker is told once, and what it is asked for again and again; it answers each with the cell's result or null. */
export interface WorkerData {
  readonly folder: string;
  readonly parts: readonly Part[];
}
export type Task = { readonly part: Part } | { readonly cell: Cell };

const { folder, parts }: WorkerData = workerData;
let pools: Pools | null = null;

parentPort?.on('message', (task: Task) => {
  if ('part' in task) {
    makePart(folder, task.part);
    parentPort?.postMessage(null);
    return;
  }
  // Read late: by the time of the first cell all parts have been made.
  pools ??= readPools(folder, parts);
  parentPort?.postMessage(runCell(task.cell, pools));
});
