import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from '../../scripts/run/cpu';
import { peakBytes, residentBytes } from '../../scripts/run/memory';
import { answered, type ReferenceProcess, startReferenceProcess } from '../../test/support/reference';
import { keepOnOthers } from './pin';
import type { Size } from './row';

/** A load that has been started. */
export interface Load {
  /** Of the program that sends; null until there is one, since another may have to start it. */
  pid(): number | null;
  /** Ends it for want of anybody who looks at it. */
  stop(): void;
  /** Fulfilled when it is over. Rejected when that was not in order, or its answers were not those of a healthy server. */
  readonly ended: Promise<void>;
}

/** Something that sends requests to a server, at a rate or as fast as it can. */
export interface Generator {
  readonly name: string;
  /** Requests that it sends before its load at most, such as what fills a cache. */
  readonly before: number;
  /** Starts a load of so many seconds, which SIGINT ends in order before. */
  start(url: string, seconds: number): Load;
}

/** What a generator has taken by now. */
export interface Look {
  readonly cpuS: number;
  readonly residentBytes: number;
  readonly peakBytes: number;
  /** Requests that its server has answered. */
  readonly answered: number;
}

/** For the ramp, and what is made at the first use of anything. */
const SETTLE_S = 1;
/** No load ends by itself before it has been looked at, however late a busy machine comes to that. */
const RESERVE_S = 60;
/** Linux counts CPU time in hundredths of a second; of less it tells nothing. */
const TICK_S = 0.01;
const START_DEADLINE_MS = 180_000;
const POLL_MS = 50;

/**
 * Runs a load on a server of its own and looks at it: first when it is well under way, then so often, evenly, that the last look is at
 * the end of `seconds`. What a generator takes to start and to end is in none of them.
 */
export async function looksAt(generator: Generator, seconds: number, count = 1): Promise<Look[]> {
  const server = await startReferenceProcess(['--control-port', '0']);
  let load: Load | null = null;
  try {
    keepOnOthers(server.child.pid as number);
    load = generator.start(server.url, SETTLE_S + seconds + RESERVE_S);
    const over = load.ended.then(() => Promise.reject(new Error(`${generator.name} ended before it was looked at`)));
    const looks = await Promise.race([lookedAt(generator, load, server, seconds, count), over]);
    process.kill(load.pid() as number, 'SIGINT');
    await load.ended;
    return looks;
  } catch (error) {
    load?.stop();
    throw error;
  } finally {
    await server.stop();
  }
}

async function lookedAt(
  generator: Generator,
  load: Load,
  server: ReferenceProcess,
  seconds: number,
  count: number,
): Promise<Look[]> {
  const deadline = performance.now() + START_DEADLINE_MS;
  while ((await answered(server)) <= generator.before) {
    if (performance.now() > deadline)
      throw new Error(`${generator.name} sent nothing in ${START_DEADLINE_MS / 1000} s`);
    await sleep(POLL_MS);
  }
  await sleep(SETTLE_S * 1000);
  const looks = [await look(generator, load, server)];
  for (let nth = 0; nth < count; nth++) {
    await sleep((seconds / count) * 1000);
    looks.push(await look(generator, load, server));
  }
  return looks;
}

async function look({ name }: Generator, load: Load, server: ReferenceProcess): Promise<Look> {
  const pid = load.pid() ?? 0;
  const cpuS = cpuSeconds(pid);
  const [resident, peak] = [residentBytes(pid), peakBytes(pid)];
  if (cpuS === null || resident === null || peak === null) {
    throw new Error(`${name}: its process has ended, or /proc tells nothing of it (Linux only)`);
  }
  return { cpuS, residentBytes: resident, peakBytes: peak, answered: await answered(server) };
}

/**
 * CPU time a request of each generator, microseconds, of loads that take turns: the least of some times, since whatever else
 * the machine does only makes them dearer.
 */
export async function usPerRequest(
  size: Size,
  generators: readonly Generator[],
  { seconds, times }: { readonly seconds: number; readonly times: number },
): Promise<number[]> {
  const turns = Array.from({ length: times }, () => generators).flat();
  const costs = await eachOf(
    size,
    turns.map((one) => async () => {
      const [first, last] = (await looksAt(one, seconds)) as [Look, Look];
      return (Math.max(TICK_S, last.cpuS - first.cpuS) / Math.max(1, last.answered - first.answered)) * 1e6;
    }),
  );
  return generators.map((_, at) => Math.min(...costs.filter((_, turn) => turn % generators.length === at)));
}

/** Measures one after the other; in the short form, whose figures mean nothing, all at once. */
export async function eachOf<T>(size: Size, measure: readonly (() => Promise<T>)[]): Promise<T[]> {
  if (size === 'short') return Promise.all(measure.map((one) => one()));
  const measured: T[] = [];
  for (const one of measure) measured.push(await one());
  return measured;
}
