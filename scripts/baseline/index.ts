import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors';
import { BASELINE_VERSION, type Baseline, baselineSchema, nameOf } from '../result/baseline';
import { writeJsonAtomically } from '../result/files';
import { inTime, type Observation } from '../result/observation';
import { type Migration, readVersioned } from '../result/versioned';

/** A version's own step to the next; version 1 is the first. */
const MIGRATIONS: Readonly<Record<number, Migration>> = {};
const FORM = { schema: 'fiml-perf/baseline', version: BASELINE_VERSION, migrations: MIGRATIONS };

/** A run that a baseline is not made of, and why. */
export interface LeftOut {
  readonly runId: string;
  readonly why: string;
}

export interface Pooled {
  readonly baseline: Baseline;
  readonly leftOut: readonly LeftOut[];
}

export interface Saved extends Pooled {
  readonly path: string;
  /** What was there before; null when nothing was. */
  readonly replaced: Baseline | null;
}

export interface SaveRequest {
  /** Of the baselines. */
  readonly folder: string;
  /** `load.smoke`: must be what the runs are of. */
  readonly name: string;
  readonly observations: readonly Observation[];
  readonly now: Date;
}

/**
 * Reads a baseline, taking a former version to the current one; the file is left as it is.
 *
 * @throws UserError when it is missing, cut, something else, changed by hand or written by a newer suite.
 */
export const readBaseline = (path: string): Baseline => readVersioned(path, FORM, baselineSchema, 'the baseline');

/** @throws UserError for a name that is no file's. */
export function baselinePath(folder: string, name: string): string {
  if (!/^[a-z0-9][\w.-]*$/i.test(name)) {
    throw new UserError(
      `${JSON.stringify(name)} is no name of a baseline: it is <scenario>.<profile>, such as load.smoke`,
    );
  }
  return join(folder, `${name}.json`);
}

/** The file that a user means by `load.smoke`, or by a path. */
export const baselineFile = (folder: string, given: string): string =>
  isPath(given) ? given : baselinePath(folder, given);

/** Whether it can only be a path: no scenario or profile is called so. */
export const isPath = (given: string): boolean => given.includes('/') || given.endsWith('.json');

/**
 * What `save` would replace; null when there is nothing.
 *
 * @throws UserError when there is a file that this suite does not understand: it may be worth more than what would replace it.
 */
export function replaceable(path: string): Baseline | null {
  if (!existsSync(path)) return null;
  try {
    return readBaseline(path);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${error.message}\nit is not replaced: move it away first`);
  }
}

/**
 * Writes `<folder>/<name>.json`, in one piece, replacing a former baseline of that name.
 *
 * @throws UserError when nothing can be pooled, or it cannot be written; nothing has changed then.
 */
export function saveBaseline({ folder, name, observations, now }: SaveRequest): Saved {
  const path = baselinePath(folder, name);
  const pooled = pool(name, observations, now);
  const replaced = replaceable(path);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UserError(
      `the folder of the baselines, ${folder}, cannot be made (${code}): choose another by PERF_BASELINES`,
    );
  }
  writeJsonAtomically(path, pooled.baseline);
  return { ...pooled, path, replaced };
}

/**
 * Makes one baseline of several runs. Runs that failed, or that say nothing about the server, are left out: compared with
 * them, a server that is as bad would pass.
 *
 * @throws UserError when the runs are not of that name or not of one kind, or none is left.
 */
export function pool(name: string, observations: readonly Observation[], now: Date): Pooled {
  const foreign = observations.filter((run) => nameOf(run) !== name);
  if (foreign.length > 0) {
    throw new UserError(
      foreign
        .map((run) => `${run.runId} is a run of ${nameOf(run)}: it cannot be in a baseline called ${name}`)
        .join('\n'),
    );
  }
  const leftOut = observations.flatMap((run) => {
    const why = whyNot(run);
    return why === null ? [] : [{ runId: run.runId, why }];
  });
  const runs = observations.filter((run) => whyNot(run) === null).sort(inTime);
  const [first] = runs;
  if (first === undefined) {
    throw new UserError(
      ['no run is left to make a baseline of, so none was written', ...leftOut.map(leftOutText)].join('\n'),
    );
  }
  refuseMixed(runs);
  return {
    baseline: {
      schema: 'fiml-perf/baseline',
      version: BASELINE_VERSION,
      name,
      savedAt: now.toISOString(),
      fingerprint: first.fingerprint,
      observations: runs,
    },
    leftOut,
  };
}

/** A sentence about it. */
export const leftOutText = ({ runId, why }: LeftOut): string => `${runId} is left out: ${why}`;

function whyNot({ verdict, flaws }: Observation): string | null {
  const [flaw] = flaws;
  if (verdict === 'FAIL' || verdict === 'INVALID') {
    return `its own verdict is ${verdict}${flaw === undefined ? '' : ` (${flaw})`}`;
  }
  return flaw ?? null;
}

/** @throws UserError with every condition in which the runs differ, and which runs have what. */
function refuseMixed(runs: readonly Observation[]): void {
  const names = new Set(runs.flatMap(({ fingerprint }) => Object.keys(fingerprint)));
  const problems = [...names].sort().flatMap((name) => {
    const byValue = new Map<string, string[]>();
    for (const { fingerprint, runId } of runs) {
      const value = fingerprint[name] ?? 'none';
      byValue.set(value, [...(byValue.get(value) ?? []), runId]);
    }
    if (byValue.size === 1) return [];
    return `  ${name}: ${[...byValue].map(([value, ids]) => `${value} in ${ids.join(', ')}`).join('; ')}`;
  });
  if (problems.length === 0) return;
  throw new UserError(
    ['these runs cannot be one baseline: they were not made under the same conditions', ...problems].join('\n'),
  );
}
