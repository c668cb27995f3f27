import fc from 'fast-check';
import { parse } from 'yaml';
import { parseConfig } from '../../../config';
import { k6Env, overrideEnv, secretKeys } from '../../../scripts/k8s/environment';
import { type ClusterRun, manifests } from '../../../scripts/k8s/manifests';
import { nextSteps } from '../../../scripts/k8s/next-steps';
import { type Container, processOf, runnerJob, type TestRun } from '../../support/operator';
import { clusterRunWith } from './runs';

const PASSWORD = 'opensesame';

/** What would hold a secret if it were written as it was given. */
const SECRETS = {
  PERF_TARGET: `http://me:${PASSWORD}@fiml:8000`,
  PERF_AUTHORIZATION: `Bearer ${PASSWORD}`,
  PERF_HEADERS: `{"X-Key":"${PASSWORD}"}`,
  PERF_PROXY: `http://me:${PASSWORD}@proxy:3128`,
  PERF_PROMETHEUS: `http://me:${PASSWORD}@prometheus:9090`,
};

const textOf = (run: ClusterRun, name: string): string => manifests(run).find(({ file }) => file === name)?.text ?? '';

function runnerOf(run: ClusterRun): Container {
  const testRun = parse(textOf(run, 'testrun.yaml')) as TestRun;
  return runnerJob(testRun, 1).spec.template.spec.containers[0];
}

test('values that nobody may read are in no manifest: pods have them from the Secret', () => {
  const run = clusterRunWith({ ...SECRETS, PERF_PROFILE: 'high' });
  const everything = manifests(run)
    .map(({ text }) => text)
    .join();
  expect(everything).not.toContain(PASSWORD);
  expect(nextSteps(run, null)).not.toContain(PASSWORD);
  const keys = secretKeys([...run.overrides, ...run.k6Env]);
  expect(keys).toEqual([
    'PERF_TARGET',
    'PERF_AUTHORIZATION',
    'PERF_HEADERS',
    'PERF_PROXY',
    'K6_PROMETHEUS_RW_USERNAME',
    'K6_PROMETHEUS_RW_PASSWORD',
  ]);
  for (const key of keys) expect(nextSteps(run, null)).toContain(`--from-file=${key}=`);

  const secrets = { ...SECRETS, K6_PROMETHEUS_RW_USERNAME: 'me', K6_PROMETHEUS_RW_PASSWORD: PASSWORD };
  const { env } = processOf(runnerOf(run), { podName: 'p', folders: {}, secrets });
  expect(env).toMatchObject({
    PERF_TARGET: SECRETS.PERF_TARGET,
    PERF_AUTHORIZATION: SECRETS.PERF_AUTHORIZATION,
    HTTPS_PROXY: SECRETS.PERF_PROXY,
    NO_PROXY: 'prometheus:9090',
    PERF_PROFILE: 'high',
    K6_PROMETHEUS_RW_SERVER_URL: 'http://prometheus:9090/api/v1/write',
    K6_PROMETHEUS_RW_PASSWORD: PASSWORD,
    K6_FEATURES: 'merge-run-tags,native-histograms',
    K6_OUT: 'json=/results/samples.json.gz,experimental-prometheus-rw',
  });
});

test('samples as CSV tell microseconds, by which the beginnings of the pods are compared', () => {
  const env = processOf(runnerOf(clusterRunWith({}, { samplesFile: 'samples.csv' })), {
    podName: 'p',
    folders: {},
  }).env;
  expect(env).toMatchObject({ K6_OUT: 'csv=/results/samples.csv', K6_CSV_TIME_FORMAT: 'unix_micro' });
});

test('without anything secret there is no Secret, and its step is not among those to take', () => {
  const run = clusterRunWith({ PERF_TARGET: 'http://fiml:8000' });
  expect(secretKeys([...run.overrides, ...run.k6Env])).toEqual([]);
  expect(nextSteps(run, 'out')).not.toContain('secret');
  expect(run.k6Env).toContainEqual({ name: 'K6_FEATURES', value: 'merge-run-tags' });
});

test.each([
  null,
  'registry/fiml-perf:1',
])('certificates come from the Secret, limits from the ConfigMap: image %s', (image) => {
  const env = { PERF_TLS_CERT: './a.pem', PERF_TLS_KEY: './a.key', PERF_THRESHOLDS: './limits.json' };
  const run = clusterRunWith(env, { image, limits: '{"version":1}' });
  const container = runnerOf(run);
  const mounts = container.volumeMounts.map(({ mountPath }) => mountPath);
  expect(mounts).toEqual(expect.arrayContaining(['/results', '/secrets', '/test']));
  expect(new Set(mounts).size).toBe(mounts.length);
  expect(processOf(container, { podName: 'p', folders: {} }).env).toMatchObject({
    PERF_TLS_CERT: '/secrets/PERF_TLS_CERT',
    PERF_TLS_KEY: '/secrets/PERF_TLS_KEY',
    PERF_THRESHOLDS: '/test/limits.json',
  });
  expect(secretKeys(run.overrides)).toEqual(['PERF_TLS_CERT', 'PERF_TLS_KEY']);
  expect(parse(textOf(run, 'configmap.yaml')).data['limits.json']).toBe('{"version":1}');
});

test('what only serves the machine of fiml-perf run is not taken to a pod', () => {
  expect(overrideEnv({ PERF_RESULTS: 'x', PERF_K6: '/bin/k6', PERF_SUMMARY: 'x', PERF_SEED: '7' })).toEqual([
    { name: 'PERF_SEED', value: '7' },
  ]);
});

test('k6 tells nobody of its use, fetches nothing, and shows a script its variables also when that is looked at', () => {
  expect(k6Env(parseConfig({}))).toEqual(
    expect.arrayContaining([
      { name: 'K6_NO_USAGE_REPORT', value: 'true' },
      { name: 'K6_AUTO_EXTENSION_RESOLUTION', value: 'false' },
      { name: 'K6_INCLUDE_SYSTEM_ENV_VARS', value: 'true' },
    ]),
  );
});

test('a pod has every value as the user wrote it, whatever YAML and Kubernetes would make of it', () => {
  const part = fc.constantFrom(
    '$',
    '(',
    ')',
    '$(POD_NAME)',
    ' ',
    '\u007f',
    '\u0085',
    '"',
    "'",
    '\n',
    ':',
    '#',
    '- ',
    'a',
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1 }), (parts) => {
      const value = parts.join('');
      const run = clusterRunWith({ PERF_ONLY: value });
      expect(processOf(runnerOf(run), { podName: 'p', folders: {} }).env.PERF_ONLY).toBe(value);
    }),
    { examples: [[[' ', '\n']], [['\n', ' ', '\n']]] },
  );
});
