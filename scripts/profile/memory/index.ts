import { setTimeout as pause } from 'node:timers/promises';
import { parseConfig } from '../../../config';
import { targetsFor } from '../../../thresholds';
import { UserError } from '../../errors';
import { readLimits } from '../../run/limits';
import { isWithinLoad, type Look, lookedAt, overhead } from '../cpu/overhead';
import type { Findings } from '../findings';
import { untilInterrupted } from '../interruption';
import { failuresInWords, type Loaded, prepareLoad } from '../load';
import type { Mode } from '../modes';
import { DURATION, PID, type ProfileFlags, PYTHON, readDurationMs, readPid, TARGET, URL } from '../options';
import type { ProfileOutput } from '../output';
import { busiest } from '../process/find';
import { processOf, type ServerProcess } from '../process/runtime';
import { subjectOf } from '../subject';
import { type MemorySeen, memoryFindings } from './findings';
import type { HeapSampler, SampleHeap } from './heap';
import { memray } from './memray';
import { nodeHeap } from './node-heap';
import { type Watched, watch } from './watch';

/** `--mode memory`: whether a server's memory goes on growing, and what allocates it. */
export const MEMORY: Mode = {
  name: 'memory',
  about: 'whether memory goes on growing and what allocates it, by /proc, the inspector for Node and memray for Python',
  options: [TARGET, URL, PID, DURATION, PYTHON],
  subject: subjectOf,
  run: profileMemory,
};

const RULE = 'memory-leak-growth';
/** To get in and out a debugger takes some seconds on a busy machine, and the load must not end before the look does. */
const GETTING_IN_MS = 8000;
/** Before and after it the same load goes on without: what the look costs is seen by that. */
const WITHOUT_MS = 5000;

async function profileMemory(flags: ProfileFlags, output: ProfileOutput, env: NodeJS.ProcessEnv): Promise<Findings> {
  const limit = growthLimit(env);
  const durationMs = readDurationMs(flags);
  const pid = readPid(flags);
  const { target, url = null, python = null } = flags;
  const how = { durationMs, python, output };
  if (target === undefined) {
    // Without a load memory is looked at as the server is used: by the process that the user names.
    if (pid === null) throw new UserError('say what to look at: --target or --pid');
    const process = processOf(pid);
    const { memory } = await untilInterrupted((signal) => seen(process, { ...how, signal }));
    return memoryFindings(await memory(), limit, null, output);
  }
  const lookMs = GETTING_IN_MS + durationMs + 2 * WITHOUT_MS;
  const load = await prepareLoad({ target, url, lookMs, pid }, env, output);
  try {
    // What cannot be looked at is told before any request.
    const candidates = load.found.pids.map(processOf);
    output.say(`sending ${load.about} to ${load.url}`);
    const loaded = await load.send(() =>
      untilInterrupted(async (signal) => {
        const { pid: chosen, note } = await busiest(load.found);
        const process = candidates.find((one) => one.pid === chosen) ?? processOf(chosen);
        const without = () => lookedAt(chosen, () => pause(WITHOUT_MS, null, { signal }).catch(() => null));
        const before = await without();
        const { watched, memory } = await seen(process, { ...how, signal });
        const after = await without();
        return { before, watched, after, note, memory };
      }),
    );
    const { before, watched, after, note, memory } = loaded.seen;
    const { about, url: address } = load;
    const flaw = flawOf(loaded, watched);
    const cost = loaded.result === null ? null : overhead(loaded.result, before, watched, after);
    return memoryFindings(await memory(), limit, { about, url: address, loaded, note, cost, flaw }, output);
  } finally {
    await load.stop();
  }
}

/** Serving requests takes more than this share of a CPU, which timers alone do not. */
const AT_WORK = 0.001;

/** Why a load cannot have made a leak show; null when it can. */
export function flawOf({ result, verdict, headline }: Loaded<unknown>, watched: Look): string | null {
  const { cpuS, startMs, endMs } = watched;
  if (cpuS !== null && cpuS * 1000 < (endMs - startMs) * AT_WORK) {
    return 'the process did nothing while the load was sent: another one is the server';
  }
  if (verdict.verdict === 'INVALID') return `the load cannot be judged: ${headline}`;
  const failures = result === null ? null : failuresInWords(result);
  if (failures !== null) return `${failures}: who fails does not keep what answers take`;
  const isWhole = result !== null && isWithinLoad(result, watched);
  return isWhole ? null : 'the load ended before the look did: this machine is too busy for both';
}

/** The limit of the leak scenario, or the user's own. @throws LimitsError or ConfigError as any run does. */
function growthLimit(env: NodeJS.ProcessEnv): number {
  const config = parseConfig(env);
  const targets = targetsFor('memory-leak', { profile: config.PERF_PROFILE, fault: null }, null, readLimits(config));
  const limit = targets.find(({ id }) => id === RULE)?.limit;
  if (limit === undefined) throw new UserError(`PERF_THRESHOLDS leaves out ${RULE}, by which memory is judged`);
  return limit;
}

interface Circumstances {
  readonly durationMs: number;
  readonly python: string | null;
  readonly signal: AbortSignal;
  readonly output: ProfileOutput;
}

interface Seen {
  readonly watched: Look & { readonly value: Watched };
  /** All that was seen, worked out. */
  memory(): Promise<MemorySeen>;
}

/** Watches the process's memory, and samples meanwhile what allocates it, where that can be had. */
async function seen(process: ServerProcess, { durationMs, python, signal, output }: Circumstances): Promise<Seen> {
  const sampler = await orWhyNot(begin(process, durationMs, python, output));
  output.say(`watching process ${process.pid} (${process.program})`);
  const watched = await lookedAt(process.pid, () => watch(process.pid, durationMs, signal));
  const problem = typeof sampler === 'string' ? sampler : await orWhyNot(sampler.end());
  return {
    watched,
    async memory() {
      const heap =
        typeof sampler === 'string' || typeof problem === 'string' ? `${problem}` : await orWhyNot(sampler.heap());
      return typeof heap === 'string'
        ? { process, watched: watched.value, heap: null, notes: [`what allocates was not sampled: ${heap}`] }
        : { process, watched: watched.value, heap, notes: [] };
    },
  };
}

const SAMPLERS: Readonly<Record<ServerProcess['runtime'], ((python: string | null) => SampleHeap) | null>> = {
  node: () => nodeHeap,
  python: memray,
  native: null,
};

async function begin(
  process: ServerProcess,
  durationMs: number,
  python: string | null,
  output: ProfileOutput,
): Promise<HeapSampler> {
  const sampler = SAMPLERS[process.runtime];
  if (sampler === null) throw new UserError(`${process.program} is neither Node nor Python`);
  return sampler(python)(process, durationMs, output.path);
}

/** Memory itself can be watched without; why not is then a note and no error. */
async function orWhyNot<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
