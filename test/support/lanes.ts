/** Jobs that are done side by side. */
export interface Lanes<T> {
  /** What became of one of them, which is the next to begin if it has not begun. */
  outcomeOf(name: string): Promise<T>;
  /** Begins no other, and waits for those under way: where only some tests of a file are run, there are others. */
  stop(): Promise<void>;
}

/**
 * Does jobs side by side, so many at a time, in their order.
 *
 * @param lanes how many at a time. @param jobs by name; each is told which lane it is in, from 0.
 * @returns a failure of theirs is only thrown where its outcome is waited for.
 */
export function inLanes<T>(lanes: number, jobs: Readonly<Record<string, (lane: number) => Promise<T>>>): Lanes<T> {
  const all = Object.entries(jobs).map(([name, job]) => ({ name, job, ...promised<T>() }));
  const waiting = [...all];
  const work = async (lane: number): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await next.job(lane).then(next.resolve, next.reject);
    }
  };
  const underWay = Array.from({ length: lanes }, (_, lane) => work(lane));
  return {
    async outcomeOf(name) {
      const found = all.find((one) => one.name === name);
      if (found === undefined) throw new Error(`there is no run ${name}`);
      const at = waiting.indexOf(found);
      if (at > 0) waiting.unshift(...waiting.splice(at, 1));
      return found.promise;
    },
    async stop() {
      waiting.length = 0;
      await Promise.all(underWay);
    },
  };
}

interface Promised<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function promised<T>(): Promised<T> {
  let settle: Omit<Promised<T>, 'promise'> | null = null;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Where a test fails before it waits for this, a rejection that comes later would end another test.
  promise.catch(() => undefined);
  return { promise, ...(settle as unknown as Omit<Promised<T>, 'promise'>) };
}
