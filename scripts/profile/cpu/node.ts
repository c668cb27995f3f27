import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { UserError } from '../../errors';
import { isAlive } from '../../is-alive';
import { holdsWithin } from '../../services/process';
import type { ServerProcess } from '../process/runtime';
import { type Frame, type Profile, profileBuilder } from '../stacks/profile';
import { INSPECTOR, openInspector } from './inspector';
import { endedMeanwhile, interruptedLook } from './program';
import type { Sampled, Sampler, SamplerOptions } from './sampler';
import { sourceOf } from './source-maps';

/** V8's own default is as much; it takes about a hundredth of one CPU. */
const EVERY_US = 1000;
/** From a session's end to that of its process. */
const ENDING_MS = 1000;

/** A place as V8's profilers name it. */
export const callFrameSchema = z.object({
  functionName: z.string(),
  url: z.string(),
  /** From 0; -1 where there is none. */
  lineNumber: z.number().int(),
  columnNumber: z.number().int(),
});

/** A `.cpuprofile`: a tree of calls, and in which of its nodes the program was found at each sample. */
const cpuProfileSchema = z.object({
  nodes: z.array(
    z.object({ id: z.number().int(), callFrame: callFrameSchema, children: z.array(z.number().int()).optional() }),
  ),
  startTime: z.number(),
  endTime: z.number(),
  samples: z.array(z.number().int()),
  timeDeltas: z.array(z.number()),
});

export type CpuProfile = z.output<typeof cpuProfileSchema>;

/** V8's sampling profiler, by the inspector of a running Node process. */
export function nodeSampler({ idle }: SamplerOptions): Sampler {
  return {
    kind: 'cpu',
    about: `the inspector of Node${idle ? ', with idle time' : ''}, every ${EVERY_US / 1000} ms of its main thread`,
    sample: (process, durationMs) => sampleNode(process, durationMs, idle),
  };
}

async function sampleNode({ pid }: ServerProcess, durationMs: number, idle: boolean): Promise<Sampled> {
  const stop = new AbortController();
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    stop.abort();
  };
  // Ended at once, this process would leave the server with its inspector open.
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    const inspector = await openInspector(pid);
    try {
      await inspector.call('Profiler.enable');
      await inspector.call('Profiler.setSamplingInterval', { interval: EVERY_US });
      await inspector.call('Profiler.start');
      void inspector.ended.then(() => stop.abort());
      await pause(durationMs, null, { signal: stop.signal }).catch(() => null);
      if (stop.signal.aborted && !interrupted) throw endedMeanwhile(pid, INSPECTOR);
      const { profile } = z.object({ profile: cpuProfileSchema }).parse(await inspector.call('Profiler.stop'));
      if (interrupted) throw interruptedLook();
      return {
        profile: toProfile(profile, idle, sourceOf()),
        notes: ["Node's main thread alone was sampled: worker threads have profiles of their own"],
      };
    } finally {
      await inspector.close();
    }
  } catch (error) {
    // A program that ends may do so before the session, within a call or between two: each looks different from here.
    const ended = error instanceof UserError && (await holdsWithin(() => !isAlive(pid), ENDING_MS));
    throw ended ? endedMeanwhile(pid, INSPECTOR) : error;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** What V8 calls the time in which it waits for something to do. */
const IDLE = '(idle)';

/**
 * A CPU profile of V8 as stacks.
 *
 * @param source where a place in a bundle comes from.
 */
export function toProfile(
  { nodes, samples, timeDeltas, startTime, endTime }: CpuProfile,
  idle: boolean,
  source: (frame: Frame, column: number) => Frame,
): Profile {
  const frames = new Map(nodes.map(({ id, callFrame: call }) => [id, frameOf(call, source)]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const stackOf = (id: number | undefined): Frame[] => {
    const frame = id === undefined ? undefined : frames.get(id);
    // The root stands for nothing.
    if (id === undefined || frame === undefined || !parents.has(id)) return [];
    return [...stackOf(parents.get(id)), frame];
  };
  const builder = profileBuilder();
  let atUs = startTime;
  for (const [at, id] of samples.entries()) {
    atUs += timeDeltas[at] ?? 0;
    // A sample stands for the time until the next one.
    const untilUs = at + 1 < samples.length ? atUs + (timeDeltas[at + 1] ?? 0) : endTime;
    if (!idle && frames.get(id)?.name === IDLE) continue;
    builder.add(stackOf(id), Math.max(0, untilUs - atUs) / 1000);
  }
  return builder.profile();
}

/** @param source where a place in a bundle comes from. */
export function frameOf(
  { functionName, url, lineNumber, columnNumber }: z.output<typeof callFrameSchema>,
  source: (frame: Frame, column: number) => Frame,
): Frame {
  const file = url.replace(/^file:\/\//, '');
  const name = functionName === '' ? '(anonymous)' : functionName;
  return source({ name, file, line: lineNumber < 0 ? null : lineNumber + 1 }, columnNumber);
}
