import { readFileSync } from 'node:fs';
import { type Config, ConfigError, hostOf, OVERRIDES, type OverrideName } from '../../config';
import type { RunPlan } from '../../profiles';
import { UserError } from '../errors';
import { isLoopback } from '../http';
import { divide } from '../merge/divide';
import { type PreparedRun, prepareRun } from '../run';
import { readLimits } from '../run/limits';
import { PINNED_VERSION } from '../setup';
import { k6Env, overrideEnv } from './environment';
import type { ClusterRun } from './manifests';
import { podMemoryMib, shareProblems } from './share';
import { RUNNER_CPUS } from './test-run';

export interface ClusterRequest {
  readonly scenario: string;
  readonly env: NodeJS.ProcessEnv;
  /** Overrides from the command line. */
  readonly flags: Partial<Record<OverrideName, string>>;
  readonly parallelism: number;
  readonly namespace: string | null;
  readonly image: string | null;
  readonly now: Date;
}

/** For a cluster to find nodes, to fetch the images and to look at the script, beyond the load itself. */
const STARTING_MS = 10 * 60_000;
/** What a machine of this kind is called in results: nobody knows it before its pods run. */
const HOST = { cpuModel: 'Kubernetes pod', os: 'Linux' };

/** What serves a run of this machine only, and would silently be left out of a cluster's. */
const LOCAL_ONLY: readonly OverrideName[] = [
  'PERF_CANDIDATE',
  'PERF_FAULT_ON',
  'PERF_FAULT_OFF',
  'PERF_FAULT_HOOK',
  'PERF_SERVER_PID',
];

/**
 * Checks a run that is to be divided among the pods of a cluster, as far as that can be done without one: overrides, limits,
 * scenario, plan, and what a pod could not do.
 *
 * @throws UserError, ConfigError or LimitsError with everything that is wrong.
 */
export function clusterRun(request: ClusterRequest): { readonly run: ClusterRun; readonly plan: RunPlan } {
  const { scenario, env, flags, parallelism, namespace, image, now } = request;
  const prepared = prepareRun({ scenario, env, flags, out: null, stream: process.stderr, quiet: true });
  const { config, plan } = prepared;
  if (plan === null) throw new UserError(`the scenario ${scenario} has no plan by which its load could be divided`);
  const name = `fiml-${scenario}-${config.PERF_PROFILE}-${stamp(now)}`;
  const memoryMib = podMemoryMib(plan, parallelism);
  const segments = divide(prepared, {
    id: name,
    segments: parallelism,
    k6Version: PINNED_VERSION,
    host: { ...HOST, cpus: RUNNER_CPUS, memoryBytes: memoryMib * 2 ** 20 },
    before: null,
    now,
  });
  const problems = [...clusterProblems(config), ...shareProblems(plan, parallelism)];
  if (problems.length > 0) throw new ConfigError(problems);

  const labels = { 'app.kubernetes.io/name': 'fiml-perf', 'app.kubernetes.io/instance': name };
  const run: ClusterRun = {
    name,
    metadata: { name, ...(namespace === null ? {} : { namespace }), labels },
    scenario,
    parallelism,
    image,
    script: readFileSync(prepared.script, 'utf8'),
    limits: readLimits(config),
    segments,
    overrides: overrideEnv(given(prepared)),
    k6Env: k6Env(config),
    samplesFile: config.PERF_RECORD === 'csv' ? 'samples.csv' : 'samples.json.gz',
    streams: config.PERF_PROMETHEUS !== null,
    memoryMib,
    waitMs: plan.durationMs + STARTING_MS,
  };
  return { run, plan };
}

/** What the user said, by name and as it was written: a pod reads it as this machine would. */
const given = ({ env, options }: PreparedRun): Partial<Record<OverrideName, string>> =>
  Object.fromEntries(
    OVERRIDES.flatMap(({ name }) => {
      const value = env[name];
      return options[name]?.source === 'default' || !value ? [] : [[name, value]];
    }),
  );

/** What a pod could not do, or not as it is meant. */
function clusterProblems(config: Config): string[] {
  const problems: string[] = [];
  if (isLoopback(hostOf(config.PERF_TARGET ?? ''))) {
    problems.push(
      'PERF_TARGET is this machine, which for a pod is the pod itself: give an address that the cluster reaches, such as http://fiml.default.svc:8000',
    );
  }
  const local = LOCAL_ONLY.filter((name) => config[name] !== null);
  if (config.PERF_LIVE) local.push('PERF_LIVE');
  for (const name of local) problems.push(`${name} serves runs of this machine: leave it out for a cluster`);
  return problems;
}

/** `20261126t054012`: part of names, which have neither colons nor capitals in a cluster. */
const stamp = (now: Date): string => now.toISOString().slice(0, 19).replace(/[-:]/g, '').toLowerCase();
