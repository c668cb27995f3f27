import { setTimeout as pause } from 'node:timers/promises';
import { Option } from 'commander';
import { UserError } from '../../errors';
import type { Findings } from '../findings';
import { untilInterrupted } from '../interruption';
import { type Load, prepareLoad } from '../load';
import type { Mode } from '../modes';
import { DURATION, PID, type ProfileFlags, readDurationMs, readPid, TARGET, URL } from '../options';
import type { ProfileOutput } from '../output';
import { busiest } from '../process/find';
import { processOf, type ServerProcess } from '../process/runtime';
import { subjectOf } from '../subject';
import { samplerFor } from './choose';
import { type CpuProfiled, cpuFindings } from './findings';
import { type Look, lookedAt } from './overhead';
import { interruptedLook } from './program';
import type { Sampled, Sampler, SamplerOptions } from './sampler';

const NATIVE = new Option('--native', 'py-spy: stacks of C code below that of Python as well');
const GIL = new Option('--gil', "py-spy: only threads that hold Python's global lock");
const IDLE = new Option('--idle', 'py-spy and Node: time in which a thread waits as well');
const INSTALL = new Option(
  '--install',
  'get py-spy from PyPI into the cache of this project where it is not installed',
);

/** `--mode cpu`: where a server's CPU time goes. */
export const CPU: Mode = {
  name: 'cpu',
  about: 'where the CPU time goes, by py-spy for Python, the inspector for Node and perf for others',
  options: [TARGET, URL, PID, DURATION, NATIVE, GIL, IDLE, INSTALL],
  subject: subjectOf,
  run: profileCpu,
};

async function profileCpu(flags: ProfileFlags, output: ProfileOutput, env: NodeJS.ProcessEnv): Promise<Findings> {
  const durationMs = readDurationMs(flags);
  const { target = null, url = null } = flags;
  const options: SamplerOptions = {
    native: flags.native === true,
    gil: flags.gil === true,
    idle: flags.idle === true,
    install: flags.install === true,
  };
  const pid = readPid(flags);
  if (target !== null) {
    const load = await prepareLoad({ target, url, lookMs: durationMs + 2 * sideMs(durationMs), pid }, env, output);
    try {
      return cpuFindings(await underLoad(load, durationMs, options, output), output);
    } finally {
      await load.stop();
    }
  }
  if (pid === null) throw new UserError('say what to profile: --target or --pid');
  const process = processOf(pid);
  const sampler = await samplerFor(process, options, output.say);
  output.say(`looking at process ${pid} (${process.program}) with ${sampler.about}`);
  const sampled = await lookedAt(pid, () => sampler.sample(process, durationMs));
  return cpuFindings(
    { process, sampler, sampled: { ...sampled, ...sampled.value, wantedMs: durationMs }, load: null },
    output,
  );
}

/** Requests are counted by the second: a shorter part may have no whole one. */
const SHORTEST_SIDE_MS = 2000;

/** For so long the load goes on without sampling, before and after: what sampling costs is seen by that. */
const sideMs = (durationMs: number): number => Math.max(SHORTEST_SIDE_MS, durationMs / 2);

/** Lets time pass. @throws UserError on Ctrl-C: the load ends by that, and nothing is left to be looked at. */
const uninterrupted = (durationMs: number): Promise<void> =>
  untilInterrupted(async (signal) => {
    await pause(durationMs, null, { signal }).catch(() => {
      throw interruptedLook();
    });
  });

async function underLoad(
  load: Load,
  durationMs: number,
  options: SamplerOptions,
  output: ProfileOutput,
): Promise<CpuProfiled> {
  // Whatever is missing is told before any request.
  const candidates = load.found.pids.map(processOf);
  const [first] = candidates as [ServerProcess, ...ServerProcess[]];
  const sampler: Sampler = await samplerFor(first, options, output.say);
  const alike = candidates.filter(({ runtime }) => runtime === first.runtime);
  output.say(`sending ${load.about} to ${load.url}; in the middle of it ${sampler.about}`);
  const loaded = await load.send(async () => {
    const { pid, note } = await busiest({ ...load.found, pids: alike.map((one) => one.pid) as [number, ...number[]] });
    const process = alike.find((one) => one.pid === pid) ?? first;
    const without = (): Promise<Look> => lookedAt(pid, () => uninterrupted(sideMs(durationMs)));
    const before = await without();
    const sampled = await lookedAt(pid, () => sampler.sample(process, durationMs));
    const after = await without();
    return { process, note, before, sampled, after };
  });
  const { process, note, before, sampled, after } = loaded.seen;
  const seen: Sampled = sampled.value;
  return {
    process,
    sampler,
    sampled: { ...sampled, ...seen, wantedMs: durationMs, notes: [...seen.notes, ...(note === null ? [] : [note])] },
    load: { about: load.about, url: load.url, before, after, loaded },
  };
}
