import { z } from 'zod';
import { instantMs } from './instant';
import { targetSchema } from './target';

/** `run.json`: what was run, on what, with which effective options, and what the suite saw of itself meanwhile. */
export const RUN_VERSION = 1;

/** What a target said of itself, before and after the load. */
export const targetSnapshotSchema = z.object({
  atMs: z.number(),
  version: z.string().nullable(),
  environment: z.string().nullable(),
  /** `process_start_time_seconds` of each scrape on its own connection: more than one value means several workers. */
  startTimesS: z.array(z.number()),
});

const phaseWindow = z.object({
  phase: z.string(),
  startMs: z.number(),
  endMs: z.number(),
  /** Iterations of the traffic that the plan offers in it. */
  offered: z.number().optional(),
});

/** What one k6 left of a load that it shared with others. */
export const segmentPartSchema = z.object({
  /** Of its folder: the pod's. */
  name: z.string(),
  /** As k6 says it: `1/4:1/2`. Null when it did not come to say it. */
  segment: z.string().nullable(),
  /** When its load began, epoch ms by its own clock. */
  startedAtMs: instantMs.nullable(),
  /** How far the server's clock was ahead of its own, and by how much that may be wrong; null where the server did not tell. */
  clock: z.object({ offsetMs: z.number(), errorMs: z.number() }).nullable(),
  /** Why it is not whole, a sentence each. */
  flaws: z.array(z.string()),
});

export const runSchema = z.object({
  schema: z.literal('fiml-perf/run'),
  version: z.literal(RUN_VERSION),
  id: z.string(),
  createdAt: z.iso.datetime(),
  scenario: z.string(),
  profile: z.string().nullable(),
  /** Effective overrides with where each came from; a secret's value is the word `set`. */
  options: z.record(
    z.string(),
    z.object({ value: z.string(), source: z.enum(['default', 'environment', 'command line']) }),
  ),
  /** Null for a script that is not ours. Times are ms after k6's first scenario started. */
  plan: z
    .object({
      phases: z.array(phaseWindow),
      durationMs: z.number(),
      expectedIterations: z.record(z.string(), z.number()),
      vuCeiling: z.record(z.string(), z.number()),
      bestHitRate: z.number().nullable(),
      /** Of a load that rises in steps to find a breakpoint. */
      steps: z.array(z.object({ ratePerS: z.number(), startMs: z.number(), endMs: z.number() })).optional(),
    })
    .nullable(),
  /** The targets in force, after `PERF_THRESHOLDS`. */
  targets: z.array(targetSchema),
  target: z.object({
    kind: z.enum(['embedded', 'url']),
    /** Without user name, password, query. */
    url: z.string(),
    before: targetSnapshotSchema.nullable(),
    after: targetSnapshotSchema.nullable(),
  }),
  identity: z.object({
    commit: z.string().nullable(),
    dirty: z.boolean().nullable(),
    suiteVersion: z.string(),
    k6Version: z.string(),
    nodeVersion: z.string(),
    host: z.object({ cpuModel: z.string(), cpus: z.number(), memoryBytes: z.number(), os: z.string() }),
  }),
  k6: z.object({
    /** Null when a signal ended k6, and of a divided load: plain k6 leaves it nowhere. */
    exitCode: z.number().nullable(),
    signal: z.string().nullable(),
    startedAtMs: instantMs,
    endedAtMs: instantMs,
    /** Iterations that threw, counted from k6's log by its `source=stacktrace`. */
    thrownIterations: z.number().int(),
    firstThrown: z.string().nullable(),
    /** True when the suite itself stopped k6 (Ctrl-C): the run is cut, and says so. */
    interrupted: z.boolean(),
    /** The suite's own threshold by which k6 ended the load before its time, since the server had broken. */
    stoppedBy: z.string().optional(),
    /** Of a load so large that k6 had no thresholds: its targets are held by the judge alone. */
    leftToJudge: z.literal(true).optional(),
  }),
  generator: z.object({
    /** CPUs that k6's cgroup and affinity allow. Null where the system does not tell (not Linux). */
    cpuLimit: z.number().nullable(),
    /**
     * Shares of `cpuLimit`, about every second: what k6 used, and for how much more its threads were ready to run and
     * waited for a CPU that others had. Waiting is null where the kernel does not tell.
     */
    samples: z.array(z.object({ atMs: z.number(), share: z.number(), waiting: z.number().nullable() })),
  }),
  /** What the scenario broke; left out of one that breaks nothing. */
  fault: z
    .object({
      name: z.string(),
      about: z.string(),
      /** How much longer a look takes while it is there, ms; left out where its sign is another. */
      slowerMs: z.number().optional(),
    })
    .optional(),
  /** Of a load that several k6 processes shared; left out of what one k6 carried. */
  segments: z
    .object({
      /** How many there were to be. */
      planned: z.number().int(),
      parts: z.array(segmentPartSchema),
    })
    .optional(),
  /** Resident memory of the process that `PERF_SERVER_PID` names, while k6 ran; left out when it names none. */
  serverMemory: z.array(z.object({ atMs: z.number(), bytes: z.number() })).optional(),
  samplesFile: z.string(),
  /** Disk errors and the like that the suite met while it wrote. */
  notes: z.array(z.string()),
});

export type Run = z.infer<typeof runSchema>;
export type SegmentPart = z.infer<typeof segmentPartSchema>;
export type TargetSnapshot = z.infer<typeof targetSnapshotSchema>;
