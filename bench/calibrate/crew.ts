import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { root } from '../../scripts/root';
import type { CellResult } from './run-cell';
import type { Task, WorkerData } from './worker';

/** Workers that share a list of tasks. What they answer does not depend on how many they are. */
export class Crew {
  private readonly workers: readonly Worker[];

  constructor(size: number, data: WorkerData) {
    this.workers = Array.from(
      { length: size },
      () =>
        new Worker(join(__dirname, 'worker.ts'), {
          workerData: data,
          execArgv: ['-r', join(root, 'build', 'register.js')],
        }),
    );
  }

  /** @param done called for each task in the order in which they finish. */
  async all<T extends Task>(tasks: readonly T[], done: (task: T, result: CellResult | null) => void): Promise<void> {
    const open = [...tasks];
    await Promise.all(
      this.workers.map(async (worker) => {
        for (let task = open.shift(); task !== undefined; task = open.shift()) {
          done(task, await answerOf(worker, task));
        }
      }),
    );
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

function answerOf(worker: Worker, task: Task): Promise<CellResult | null> {
  return new Promise((resolve, reject) => {
    const forget = () => worker.off('message', answered).off('error', failed).off('exit', ended);
    const answered = (result: CellResult | null) => {
      forget();
      resolve(result);
    };
    const failed = (error: unknown) => {
      forget();
      reject(error);
    };
    const ended = (code: number) => failed(new Error(`a worker ended with ${code}`));
    worker.on('message', answered).on('error', failed).on('exit', ended);
    worker.postMessage(task);
  });
}
