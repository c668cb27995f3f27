/**
 * Does jobs side by side, so many at a time, in their order.
 *
 * @param lanes how many at a time. @param jobs by name; each is told which lane it is in, from 0.
 * @returns the outcome of each; a failure is only thrown where its outcome is waited for.
 */
export function inLanes<T>(
  lanes: number,
  jobs: Readonly<Record<string, (lane: number) => Promise<T>>>,
): Map<string, Promise<T>> {
  const waiting = Object.entries(jobs).map(([name, job]) => ({ name, job, ...promised<T>() }));
  const outcomes = new Map(waiting.map(({ name, promise }) => [name, promise]));
  const work = async (lane: number): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await next.job(lane).then(next.resolve, next.reject);
    }
  };
  for (let lane = 0; lane < lanes; lane++) void work(lane);
  return outcomes;
}

/** The outcome of one of them. */
export async function outcomeOf<T>(outcomes: Map<string, Promise<T>>, name: string): Promise<T> {
  const found = outcomes.get(name);
  if (found === undefined) throw new Error(`there is no run ${name}`);
  return found;
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
