import { SHARE_ENV, Worker } from 'node:worker_threads';

/**
 * Waits that end when they should, to about a tenth of a millisecond. Node's own timers count whole milliseconds, rounded
 * down, from a time that may be one old already: 1.85 ms became anything from 0 to 2 there, and the median service time of a
 * search two thirds of what it is to be.
 */
export interface Alarm {
  sleep(durationMs: number): Promise<void>;
  /** Those who still sleep are never woken. */
  close(): Promise<void>;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** What the two threads share. Of the moment only the writer's last word counts, and `changed` tells that there is one. */
interface Shared {
  readonly changed: Int32Array;
  readonly dueMs: Float64Array;
}

/** The same in all threads, unlike `performance.now()`. */
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

/**
 * A thread of its own waits for the next moment, since only a blocking wait is exact, and neither that nor a busy loop may
 * stand in a server's way. It begins with the first wait: a server without service times has none.
 */
export function openAlarm(): Alarm {
  const shared: Shared = {
    changed: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
    dueMs: new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)),
  };
  /** The last to be woken first, so that the next one is taken from the end. */
  const sleepers: Sleeper[] = [];
  let watcher: Worker | null = null;

  const tellNext = () => {
    const next = sleepers.at(-1);
    if (next === undefined) return;
    shared.dueMs[0] = next.dueMs;
    Atomics.add(shared.changed, 0, 1);
    Atomics.notify(shared.changed, 0);
  };
  const wakeDue = () => {
    const now = nowMs();
    for (let next = sleepers.at(-1); next !== undefined && next.dueMs <= now; next = sleepers.at(-1)) {
      sleepers.pop();
      next.wake();
    }
    tellNext();
  };
  const startWatcher = () =>
    // Node's options are not inherited: what they load or write is this thread's.
    new Worker(`(${watch})(require('node:worker_threads'))`, {
      eval: true,
      workerData: shared,
      execArgv: [],
      env: SHARE_ENV,
    }).on('message', wakeDue);

  return {
    sleep: (durationMs) =>
      new Promise((wake) => {
        const dueMs = nowMs() + durationMs;
        const before = sleepers.findIndex((other) => other.dueMs <= dueMs);
        sleepers.splice(before < 0 ? sleepers.length : before, 0, { dueMs, wake });
        watcher ??= startWatcher();
        if (before < 0) tellNext();
      }),
    close: async () => {
      await watcher?.terminate();
    },
  };
}

/** All of the other thread. Its text is what is run there: it must name nothing outside. */
function watch({ parentPort, workerData }: typeof import('node:worker_threads')): void {
  const { changed, dueMs } = workerData as Shared;
  for (;;) {
    const seen = Atomics.load(changed, 0);
    const leftMs = (dueMs[0] as number) - Number(process.hrtime.bigint()) / 1e6;
    if (leftMs <= 0) parentPort?.postMessage(null);
    // Told once, it waits for the next word; that of a nearer moment ends the wait for this one.
    Atomics.wait(changed, 0, seen, leftMs <= 0 ? Number.POSITIVE_INFINITY : leftMs);
  }
}
