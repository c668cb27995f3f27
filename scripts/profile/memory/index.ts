import { parseConfig } from '../../../config';
import { targetsFor } from '../../../thresholds';
import { UserError } from '../../errors';
import { readLimits } from '../../run/limits';
import type { Findings } from '../findings';
import { untilInterrupted } from '../interruption';
import { prepareLoad } from '../load';
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
import { watch } from './watch';

/** `--mode memory`: whether a server's memory goes on growing, and what allocates it. */
export const MEMORY: Mode = {
  name: 'memory',
  about: 'whether memory goes on growing and what allocates it, by /proc, the inspector for Node and memray for Python',
  options: [TARGET, URL, PID, DURATION, PYTHON],
  subject: subjectOf,
  run: profileMemory,
};

const RULE = 'memory-leak-growth';
/** A debugger takes some seconds on a busy machine, and the load must not end before the look does. */
const GETTING_IN_MS = 5000;

async function profileMemory(flags: ProfileFlags, output: ProfileOutput, env: NodeJS.ProcessEnv): Promise<Findings> {
  const limit = growthLimit(env);
  const durationMs = readDurationMs(flags);
  const pid = readPid(flags);
  const { target, url = null, python = null } = flags;
  const see = (process: ServerProcess): Promise<MemorySeen> =>
    untilInterrupted((signal) => seen(process, { durationMs, python, signal, output }));
  if (target === undefined) {
    // Without a load memory is looked at as the server is used: by the process that the user names.
    if (pid === null) throw new UserError('say what to look at: --target or --pid');
    return memoryFindings(await see(processOf(pid)), limit, null, output);
  }
  const load = await prepareLoad({ target, url, lookMs: durationMs + GETTING_IN_MS, pid }, env, output);
  try {
    // What cannot be looked at is told before any request.
    const candidates = load.found.pids.map(processOf);
    output.say(`sending ${load.about} to ${load.url}`);
    const loaded = await load.send(async () => {
      const { pid: chosen, note } = await busiest(load.found);
      const process = candidates.find((one) => one.pid === chosen) ?? processOf(chosen);
      const result = await see(process);
      return { ...result, notes: [...result.notes, ...(note === null ? [] : [note])] };
    });
    return memoryFindings(loaded.seen, limit, { about: load.about, url: load.url, loaded }, output);
  } finally {
    await load.stop();
  }
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

/** Watches the process's memory, and samples meanwhile what allocates it, where that can be had. */
async function seen(
  process: ServerProcess,
  { durationMs, python, signal, output }: Circumstances,
): Promise<MemorySeen> {
  const begun = await orWhyNot(begin(process, durationMs, python, output));
  output.say(`watching process ${process.pid} (${process.program})`);
  const watched = await watch(process.pid, durationMs, signal);
  const ended = typeof begun === 'string' ? begun : await orWhyNot(begun.end());
  return typeof ended === 'string'
    ? { process, watched, heap: null, notes: [`what allocates was not sampled: ${ended}`] }
    : { process, watched, heap: ended, notes: [] };
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
