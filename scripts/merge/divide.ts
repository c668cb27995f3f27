import { withoutCredentials } from '../../config';
import { UserError } from '../errors';
import type { Run, TargetSnapshot } from '../result/run';
import { SEGMENTS_VERSION, type Segments } from '../result/segments';
import { type PreparedRun, planRecord } from '../run';
import { identity } from '../run/identity';

export interface Division {
  /** The run's, and of its folder. */
  readonly id: string;
  /** How many k6 processes are going to share the load. */
  readonly segments: number;
  /** Of every one of them, without its v: `2.2.0`. */
  readonly k6Version: string;
  /** What each of them runs on; figures from machines of two kinds cannot be compared. */
  readonly host: Run['identity']['host'];
  /** Null where the server cannot be reached from here. */
  readonly before: TargetSnapshot | null;
  readonly now: Date;
}

/**
 * What is to be written as `segments.json` before several k6 processes share a load.
 *
 * @throws UserError for a run that is more than its parts, or too small for so many, or has no server.
 */
export function divide(prepared: PreparedRun, division: Division): Segments {
  const { request, config, plan, options, targets } = prepared;
  if (config.PERF_TARGET === null)
    throw new UserError('a divided load needs PERF_TARGET: nobody starts a server for it');
  // The other scenarios change the server, or follow a clock of their own, once for each k6 that runs them; and a breakpoint
  // is looked for by a k6 that sees all of the load.
  if (request.scenario !== 'load' || plan === null || plan.steps !== undefined) {
    throw new UserError(
      `only the scenario load can be divided, under any profile but breakpoint, not ${request.scenario} under ${config.PERF_PROFILE}`,
    );
  }
  const users = plan.vuCeiling.traffic ?? 0;
  if (division.segments > users) {
    throw new UserError(
      `${users} virtual users cannot be divided among ${division.segments} k6: raise PERF_RATE or PERF_USERS, or take fewer`,
    );
  }
  return {
    schema: 'fiml-perf/segments',
    version: SEGMENTS_VERSION,
    id: division.id,
    createdAt: division.now.toISOString(),
    segments: division.segments,
    scenario: request.scenario,
    profile: config.PERF_PROFILE,
    options,
    plan: planRecord(plan),
    targets: [...targets],
    target: { url: withoutCredentials(config.PERF_TARGET), before: division.before },
    identity: { ...identity(division.k6Version), host: division.host },
  };
}
