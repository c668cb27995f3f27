import { type EnvVar, LIMITS_FILE, secretsMounted } from './environment';
import { K6_IMAGE, STARTER_IMAGE, SUITE_FOLDER } from './images';
import type { ClusterRun } from './manifests';
import {
  CONTAINER_SECURITY,
  exactly,
  GIVEN_MOUNT,
  type Mounted,
  mounted,
  NO_TOKEN,
  POD_SECURITY,
  RESULTS_MOUNT,
  results,
  TEMPORARY,
} from './pod';

/** k6 of one pod; more does more load, but a pod that fits nowhere does none. */
export const RUNNER_CPUS = 2;

/** By which each pod has a folder of its own on the volume. */
const POD_NAME: EnvVar = { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };

/** k6's API, in its own pod. */
const STATUS = { port: 6565, path: '/v1/status' } as const;
/**
 * The operator releases all k6 when the API of each is reached through its service, and k6 answers long before it has made its
 * virtual users: one that has them later would begin later. So the service leads to k6 only from its status 4 on, in which
 * it waits for its release.
 */
const READY = {
  exec: {
    command: [
      'sh',
      '-c',
      `wget -q -O - http://127.0.0.1:${STATUS.port}${STATUS.path} | grep -Eq '"status":([4-9]|1[0-9])'`,
    ],
  },
  periodSeconds: 2,
  timeoutSeconds: 2,
  // Once it is reached it stays so: the judge looks at its CPU the same way.
  failureThreshold: 30,
};
/** By default a k6 that does not answer within a second for half a minute is ended, which under load is no reason. */
const ALIVE = { httpGet: STATUS, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 10 };

/** The custom resource from which k6-operator makes the pods of a run. */
export function testRun(run: ClusterRun): object {
  const env = [POD_NAME, ...run.overrides, ...run.k6Env];
  const image = run.image ?? K6_IMAGE;
  const pod = {
    image,
    automountServiceAccountToken: NO_TOKEN,
    securityContext: POD_SECURITY,
    containerSecurityContext: CONTAINER_SECURITY,
  };
  const given = givenToK6(run);
  return {
    apiVersion: 'k6.io/v1alpha1',
    kind: 'TestRun',
    metadata: run.metadata,
    spec: {
      parallelism: run.parallelism,
      script:
        run.image === null
          ? { configMap: { name: run.name, file: `${run.scenario}.js` } }
          : { localFile: `${SUITE_FOLDER}/dist/${run.scenario}.js` },
      // Its series in Prometheus; `--tag` is what `k6 archive` knows too, by which the operator looks at the script.
      ...(run.streams ? { arguments: `--tag testid=${run.name}` } : {}),
      // Looks at the script before there are runners. It writes the archive that it makes for that to /tmp.
      initializer: {
        ...pod,
        env,
        resources: exactly('1', '512Mi'),
        ...mounted(TEMPORARY, given),
      },
      starter: {
        image: STARTER_IMAGE,
        automountServiceAccountToken: NO_TOKEN,
        securityContext: POD_SECURITY,
        containerSecurityContext: CONTAINER_SECURITY,
      },
      runner: {
        ...pod,
        env: [...env, ...written(run)],
        resources: exactly(String(RUNNER_CPUS), `${run.memoryMib}Mi`),
        readinessProbe: READY,
        livenessProbe: ALIVE,
        affinity: apart(run.name),
        // One level below the volume's root, which the kubelet makes with the root's own permissions and group.
        ...mounted(results('$(POD_NAME)'), given),
      },
    },
  };
}

/** Where each k6 writes. k6 makes no folders; the one that it sees is its pod's own. */
function written({ samplesFile, streams }: ClusterRun): EnvVar[] {
  const isCsv = samplesFile.startsWith('samples.csv');
  const file = `${isCsv ? 'csv' : 'json'}=${RESULTS_MOUNT}/${samplesFile}`;
  return [
    { name: 'K6_OUT', value: [file, ...(streams ? ['experimental-prometheus-rw'] : [])].join(',') },
    // Whole seconds, which are k6's own choice, would not tell whether all pods began together.
    ...(isCsv ? [{ name: 'K6_CSV_TIME_FORMAT', value: 'unix_micro' }] : []),
    // In the initializer it would hide from the operator why a script is refused.
    { name: 'K6_LOG_OUTPUT', value: `file=${RESULTS_MOUNT}/k6.log` },
    { name: 'PERF_SUMMARY', value: `${RESULTS_MOUNT}/summary.json` },
  ];
}

/** With a script from a ConfigMap the operator mounts all of that, the limits too. */
function givenToK6(run: ClusterRun): Mounted {
  const limits: Mounted = {
    volumes: [{ name: 'given', configMap: { name: run.name, items: [{ key: LIMITS_FILE, path: LIMITS_FILE }] } }],
    volumeMounts: [{ name: 'given', mountPath: GIVEN_MOUNT, readOnly: true }],
  };
  return mounted(secretsMounted(run.overrides), ...(run.image === null || run.limits === null ? [] : [limits]));
}

/** A node of its own for each runner where there are enough: two of them on one share its network, and its ports. */
const apart = (name: string) => ({
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        podAffinityTerm: {
          labelSelector: { matchLabels: { k6_cr: name, runner: 'true' } },
          topologyKey: 'kubernetes.io/hostname',
        },
      },
    ],
  },
});
