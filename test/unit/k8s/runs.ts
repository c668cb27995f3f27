import { type Config, parseConfig } from '../../../config';
import { k6Env, overrideEnv } from '../../../scripts/k8s/environment';
import type { ClusterRun } from '../../../scripts/k8s/manifests';
import { planRecord } from '../../../scripts/run';
import { planWith } from '../profiles/settings';

type Env = Parameters<typeof overrideEnv>[0];

/** A run on a cluster, small enough to be read. */
export function clusterRunWith(env: Env = {}, changes: Partial<ClusterRun> = {}): ClusterRun {
  const config: Config = parseConfig(env);
  const name = 'fiml-load-smoke-20260102t030405';
  return {
    name,
    metadata: { name, labels: { 'app.kubernetes.io/name': 'fiml-perf' } },
    scenario: 'load',
    parallelism: 3,
    image: null,
    script: 'export default function () {}\n',
    limits: null,
    segments: {
      schema: 'fiml-perf/segments',
      version: 1,
      id: name,
      createdAt: '2026-01-02T03:04:05.000Z',
      segments: 3,
      scenario: 'load',
      profile: 'smoke',
      options: {},
      plan: planRecord(planWith()),
      targets: [],
      target: { url: 'http://fiml:8000', before: null },
      identity: {
        commit: null,
        dirty: null,
        suiteVersion: '0.1.0',
        k6Version: '2.2.0',
        nodeVersion: 'v20.0.0',
        host: { cpuModel: 'pod', cpus: 2, memoryBytes: 1e9, os: 'Linux' },
      },
    },
    overrides: overrideEnv(env),
    k6Env: k6Env(config),
    samplesFile: 'samples.json.gz',
    streams: config.PERF_PROMETHEUS !== null,
    memoryMib: 512,
    waitMs: 660_000,
    ...changes,
  };
}
