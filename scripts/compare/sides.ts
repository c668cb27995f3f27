import { existsSync } from 'node:fs';
import { scenarioNames } from '../../build/scenarios';
import type { Config } from '../../config';
import { baselineFile, isPath } from '../baseline';
import { newestRunMs, STALE_AFTER_MS, staleText } from '../baseline/text';
import { UserError } from '../errors';
import { EXIT_OK } from '../exit-codes';
import { sinceLastConfirmedChange } from '../history/change-points';
import { historyPath, readHistoryIfAny } from '../history/file';
import { readObservations } from '../observe/read';
import { quoted } from '../report/reproduction';
import { isSameRun, nameOf } from '../result/baseline';
import { COMPARISON_VERSION, type Comparison } from '../result/comparison';
import { inTime, type Observation } from '../result/observation';
import { root } from '../root';
import type { Limits } from './decide';
import { compare } from './index';

export interface SidesRequest {
  /** Names or files of baselines, or anything else that holds runs; none: the baseline of what the candidate is. */
  readonly baselines: readonly string[];
  readonly candidates: readonly string[];
  readonly limits: Limits;
  readonly allow: readonly string[];
  readonly config: Pick<Config, 'PERF_BASELINES' | 'PERF_HISTORY'>;
}

/**
 * Compares the runs that files and folders hold, with what the history knows of the baseline. Where a baseline was never
 * made, that is the verdict.
 *
 * @throws UserError for what cannot be read or compared.
 */
export function compareFiles({ baselines, candidates, limits, allow, config }: SidesRequest): Comparison {
  const candidate = readObservations(candidates).sort(inTime);
  const [first] = candidate as [Observation];
  const given = baselines.length > 0 ? baselines : [nameOf(first)];
  const found = given.map((one) => locate(one, config.PERF_BASELINES));
  const missing = found.filter(({ isMissing }) => isMissing).map(({ path }) => path);
  if (missing.length > 0) return withoutBaseline(candidate, missing, limits);

  const baseline = readObservations(found.map(({ path }) => path)).sort(inTime);
  refuseShared(baseline, candidate);
  const history = earlierRuns(config.PERF_HISTORY, first);
  const comparison = compare({ baseline, candidate, history: history.runs, allow, limits });
  const ageMs = newestRunMs({ observations: candidate }) - newestRunMs({ observations: baseline });
  const stale = ageMs > STALE_AFTER_MS ? [staleText(ageMs)] : [];
  return { ...comparison, warnings: [...stale, ...history.warnings, ...comparison.warnings] };
}

/** A name stands for the baseline of that name, if there is one, or else for a file or folder. */
function locate(given: string, folder: string): { path: string; isMissing: boolean } {
  const path = baselineFile(folder, given);
  if (existsSync(path)) return { path, isMissing: false };
  if (existsSync(given)) return { path: given, isMissing: false };
  // A folder that is not there is a slip of the pen: baselines are files.
  return { path, isMissing: !isPath(given) || given.endsWith('.json') };
}

/** A run that is on both sides would pull its side's mean to the other's: the change would look smaller than it is. */
function refuseShared(baseline: readonly Observation[], candidate: readonly Observation[]): void {
  const shared = candidate.filter((run) => baseline.some((other) => isSameRun(run, other)));
  if (shared.length === 0) return;
  throw new UserError(
    [
      ...shared.map(({ runId }) => `${runId} is in the baseline and in the candidate`),
      'a run cannot be compared with itself: run the candidate anew',
    ].join('\n'),
  );
}

function earlierRuns(folder: string, { scenario, profile }: Observation): { runs: Observation[]; warnings: string[] } {
  const path = historyPath(folder, scenario, profile);
  const { observations, problems } = readHistoryIfAny(path);
  return {
    runs: sinceLastConfirmedChange(observations),
    warnings: problems.map(({ line, problem }) => `${path}: line ${line} counts for nothing: ${problem}`),
  };
}

function howToMakeOne({ scenario, profile, identity: { target } }: Observation): string[] {
  const ofExisting = `of runs that exist, this makes one: fiml-perf baseline save ${nameOf({ scenario, profile })} FOLDER…`;
  if (!scenarioNames(root).includes(scenario)) return [ofExisting];
  const flags = [
    ...(profile === null ? [] : ['--profile', quoted(profile)]),
    ...(/^https?:/.test(target) ? ['--target', quoted(target)] : []),
    '--repeat 5 --save-baseline',
  ];
  return [ofExisting, `of new runs, this does: fiml-perf run ${scenario} ${flags.join(' ')}`];
}

function withoutBaseline(candidate: readonly Observation[], missing: readonly string[], limits: Limits): Comparison {
  const [{ scenario, profile, identity }] = candidate as [Observation];
  return {
    schema: 'fiml-perf/comparison',
    version: COMPARISON_VERSION,
    scenario,
    profile,
    verdict: 'NO BASELINE',
    exitCode: EXIT_OK,
    reasons: [...missing.map((path) => `there is no ${path}`), ...howToMakeOne(candidate[0] as Observation)],
    design: 'single',
    limits,
    baseline: { runs: [], target: '', targetVersion: null },
    candidate: {
      runs: candidate.map(({ runId, startedAtMs, identity: { commit } }) => ({ runId, startedAtMs, commit })),
      target: identity.target,
      targetVersion: identity.targetVersion,
    },
    historyRuns: 0,
    accepted: [],
    onlyInBaseline: [],
    onlyInCandidate: [],
    warnings: [],
    rows: [],
  };
}
