import type { Clock } from './clock';
import { type Random, randomStream } from './random';
import type { KeyValueStore, Maybe } from './store';

// What the server's Redis clients do when Redis is not there, and how long it takes them: redis-py 8's retries. It stands
// here alone, for a Redis that has really gone and for the fault that says so.
/** Attempts after the first. */
const RETRIES = 10;
/** What one attempt waits for an answer; a Redis that hangs costs this much at each, 55 s in all. */
export const SOCKET_TIMEOUT_MS = 5000;
/** What the waits between the attempts add up to: with a Redis that refuses connections, all that an operation takes. */
const BACK_OFF_MS = 3000;
const BACK_OFF_SPREAD_MS = 1500;
/** The same of the task registry's client, which is synchronous: the whole process waits with it. */
const BLOCKING_BACK_OFF_MS = 4000;
/** An answer that comes later than this holds the process up; an ordinary one is not worth the bookkeeping. */
const STALL_MS = 20;

/** No Redis at the other end, or none that answers. What Redis itself refuses is another error, and is not tried again. */
export class ConnectionLost extends Error {}

export interface RedisClients {
  /** Tries once. */
  readonly once: KeyValueStore;
  /** The asynchronous client: tries again, and other requests go on meanwhile. */
  readonly patient: KeyValueStore;
  /** The synchronous client: tries again, and holds up every other request meanwhile. */
  readonly blocking: KeyValueStore;
}

export interface RedisClientOptions {
  /** Shared by the first two. */
  readonly store: KeyValueStore;
  /** Of the synchronous client. */
  readonly registry: KeyValueStore;
  readonly clock: Clock;
  readonly seed: number;
  /** Multiplies what the waits take. */
  readonly retryScale: number;
  /** Whether all is as if Redis had stopped. */
  readonly down: () => boolean;
  /** Holds up every other request until the work is done. */
  readonly holdUp: <T>(work: () => Promise<T>) => Promise<T>;
}

type Attempt<T> = () => Maybe<T>;
/** How a client goes about an operation. */
type Run = <T>(attempt: Attempt<T>) => Maybe<T>;

export function redisClients(options: RedisClientOptions): RedisClients {
  const { store, registry, clock, seed, retryScale, down, holdUp } = options;
  const random: Random = randomStream(seed, 'redis retries');

  const once: Run = (attempt) => {
    if (down()) throw new ConnectionLost('Error connecting to Redis');
    return attempt();
  };

  const retry = async <T>(attempt: Attempt<T>, backOffMs: number): Promise<T> => {
    for (let left = RETRIES; ; left--) {
      await clock.sleep((backOffMs * retryScale) / RETRIES);
      try {
        return await once(attempt);
      } catch (error) {
        if (!(error instanceof ConnectionLost) || left === 1) throw error;
      }
    }
  };

  /** Runs an operation, and `recover` where its connection was lost. In memory there is nothing to wait for. */
  const withRecovery = <T>(attempt: Attempt<T>, recover: () => Promise<T>): Maybe<T> => {
    const onError = (error: unknown) => {
      if (!(error instanceof ConnectionLost)) throw error;
      return recover();
    };
    try {
      const first = once(attempt);
      return first instanceof Promise ? first.catch(onError) : first;
    } catch (error) {
      return onError(error);
    }
  };

  /** The same answer; while it does not come it holds up the process. */
  const watched = <T>(answer: Maybe<T>): Maybe<T> => {
    if (!(answer instanceof Promise)) return answer;
    const timer = setTimeout(() => void holdUp(() => settled).catch(() => undefined), STALL_MS);
    // Whoever recovers from its failure is told first, and holds up the process in turn before this lets it go.
    const settled = answer.finally(() => clearTimeout(timer));
    return settled;
  };

  const patient: Run = (attempt) =>
    withRecovery(attempt, () => retry(attempt, BACK_OFF_MS + BACK_OFF_SPREAD_MS * random()));
  const blocking: Run = (attempt) =>
    withRecovery(
      () => watched(attempt()),
      () => holdUp(() => retry(attempt, BLOCKING_BACK_OFF_MS)),
    );

  return { once: runWith(once, store), patient: runWith(patient, store), blocking: runWith(blocking, registry) };
}

const runWith = (run: Run, store: KeyValueStore): KeyValueStore => ({
  address: store.address,
  get: (key) => run(() => store.get(key)),
  set: (key, value, ttlS) => run(() => store.set(key, value, ttlS)),
  keys: (prefix) => run(() => store.keys(prefix)),
  ping: () => run(() => store.ping()),
  hold: (use) => run(() => store.hold(use)),
  close: () => store.close(),
});
