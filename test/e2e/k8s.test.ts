import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { runSchema } from '../../scripts/result/run';
import { segmentsSchema } from '../../scripts/result/segments';
import { ensureK6, ensureKubeconform, PINNED_VERSION } from '../../scripts/setup';
import { cli, type Finished, repository, temporaryFolder, until, verdictIn } from '../support/cli';
import { runK6 } from '../support/k6';
import {
  type Container,
  deployed,
  documentsIn,
  initializerJob,
  type Job,
  type Kubelet,
  type Process,
  processOf,
  runnerJob,
  type TestRun,
} from '../support/operator';
import { describeWithPrograms } from '../support/programs';
import { INSTALL_MS, pythonPackage } from '../support/python-package';
import { ended, type ReferenceProcess, startReferenceProcess } from '../support/reference';

const IMAGE = 'registry.example.com/fiml-perf:0.1.0';
const DEADLINE_MS = 90_000;

let folder: string;
beforeAll(() => {
  folder = temporaryFolder('k8s');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const manifestIn = <Kind>(name: string, file: string): Kind =>
  parse(readFileSync(join(folder, name, file), 'utf8')) as Kind;

/** Writes manifests for the high load on four pods. */
function written(name: string, ...args: readonly string[]) {
  const target = ['--target', 'http://fiml.default.svc:8000', '--output', join(folder, name)];
  return cli(['k8s', 'load', '--profile', 'high', '--parallelism', '4', ...target, ...args]);
}

describe('the manifests of a run', () => {
  beforeAll(async () => {
    const [plain, image] = await Promise.all([
      written('plain'),
      written('image', '--image', IMAGE, '--namespace', 'perf'),
    ]);
    expect(plain).toMatchObject({ code: 0, stdout: '', stderr: expect.stringMatching(/^4 pods, 10m 12s/) });
    expect(image).toMatchObject({ code: 0 });
  });

  test('hold the script to the letter, in the image of the k6 that set-up pins', () => {
    const { data } = manifestIn<{ data: Record<string, string> }>('plain', 'configmap.yaml');
    expect(data['load.js']).toBe(readFileSync(join(repository, 'dist', 'load.js'), 'utf8'));
    const segments = segmentsSchema.parse(JSON.parse(data['segments.json'] ?? ''));
    expect(segments).toMatchObject({ segments: 4, profile: 'high', target: { url: 'http://fiml.default.svc:8000' } });
    expect(readFileSync(join(folder, 'plain', 'segments.json'), 'utf8')).toBe(data['segments.json']);
    const { spec } = manifestIn<TestRun>('plain', 'testrun.yaml');
    expect([spec.runner.image, spec.initializer.image]).toEqual([
      `grafana/k6:${PINNED_VERSION}`,
      `grafana/k6:${PINNED_VERSION}`,
    ]);
    expect(spec.starter.image).toMatch(/:starter-v\d+\.\d+\.\d+$/);
    expect(existsSync(join(folder, 'plain', 'judge.yaml'))).toBe(false);
  });

  test("with the suite's image have the script inside, and a judge in the same place", () => {
    const { data } = manifestIn<{ data: Record<string, string> }>('image', 'configmap.yaml');
    expect(Object.keys(data)).toEqual(['segments.json']);
    const { metadata, spec } = manifestIn<TestRun>('image', 'testrun.yaml');
    expect(metadata.namespace).toBe('perf');
    expect(spec.script).toEqual({ localFile: '/suite/dist/load.js' });
    const judge = manifestIn<Job & { metadata: { namespace: string } }>('image', 'judge.yaml');
    expect(judge.metadata.namespace).toBe('perf');
    expect(judge.spec.template.spec.containers[0]).toMatchObject({
      image: IMAGE,
      args: ['k8s', 'judge', '/results', '--segments', '/test/segments.json', '--wait', '20m12s', '--ci'],
    });
  });

  test.each([
    ['making its users', 1, 1],
    ['about to wait', 3, 1],
    ['waiting for its release', 4, 0],
    ['under way', 7, 0],
    ['at the last of its states', 11, 0],
  ])('let the operator release a k6 only when it is ready: %s', (_what, status, code) => {
    const { spec } = manifestIn<TestRun>('plain', 'testrun.yaml');
    const [shell = '', option = '', line = ''] = spec.runner.readinessProbe?.exec?.command ?? [];
    const [ask, decide = ''] = line.split(' | ');
    expect([shell, option, ask]).toEqual(['sh', '-c', 'wget -q -O - http://127.0.0.1:6565/v1/status']);
    const input = JSON.stringify({ data: { type: 'status', id: 'default', attributes: { status, paused: true } } });
    expect(said(shell, [option, decide], { input }).status).toBe(code);
  });

  test('go to kubectl as one stream, in the order in which they are made', async () => {
    const { code, stdout } = await cli(['k8s', '--target', 'http://fiml:8000', '--image', IMAGE]);
    expect([code, Object.keys(documentsIn(stdout))]).toEqual([0, ['ConfigMap', 'TestRun', 'Job']]);
  });

  test.each(['plain', 'image'])('are all of what the kustomization names, and it names all: %s', (name) => {
    const { resources } = manifestIn<{ resources: string[] }>(name, 'kustomization.yaml');
    const files = readdirSync(join(folder, name)).filter(
      (file) => file.endsWith('.yaml') && file !== 'kustomization.yaml',
    );
    expect([...resources].sort()).toEqual(files.sort());
  });

  test.each<[string, string[], RegExp[]]>([
    ['no server', ['load'], [/needs PERF_TARGET/]],
    ['what cannot be divided', ['redis-down', '--target', 'http://f:1'], [/only the scenario load can be divided/]],
    ['a breakpoint', ['--profile', 'breakpoint', '--target', 'http://f:1'], [/any profile but breakpoint/]],
    [
      'what a pod cannot do',
      ['--target', 'http://localhost:8000', '--live', '--parallelism', '9'],
      [/which for a pod is the pod itself/, /PERF_LIVE serves runs of this machine/, /take 6 at most/],
    ],
    [
      'wrong options',
      ['--parallelism', '1', '--namespace', 'Perf', '--image', 'r.io:5000/fiml-perf', '--target', 'http://f:1'],
      [/at least 2, not "1"/, /"Perf" is no name of a namespace/, /must name one version/],
    ],
    ['an image of any version', ['--image', 'fiml-perf:latest', '--target', 'http://f:1'], [/must name one version/]],
  ])('are not written for %s', async (_what, args, reasons) => {
    const { code, stdout, stderr } = await cli(['k8s', ...args]);
    const said = stderr.trimEnd().split('\n');
    expect({ code, stdout, said }).toEqual({
      code: 2,
      stdout: '',
      said: reasons.map((why) => expect.stringMatching(why)),
    });
  });
});

describe('deploy/base', () => {
  test('names files that are there, and all of them', () => {
    const { resources } = parse(deployed('base/kustomization.yaml')) as { resources: string[] };
    const others = readdirSync(join(repository, 'deploy', 'base')).filter((file) => file !== 'kustomization.yaml');
    expect([...resources].sort()).toEqual(others.sort());
  });

  test('makes the volume that runs claim, for many nodes at a time', () => {
    const claim = parse(deployed('base/results.yaml'));
    const { spec } = manifestIn<TestRun>('plain', 'testrun.yaml');
    expect(spec.runner.volumes).toContainEqual({
      name: 'results',
      persistentVolumeClaim: { claimName: claim.metadata.name },
    });
    expect(claim.spec.accessModes).toEqual(['ReadWriteMany']);
  });
});

/** It brings the schemas of Kubernetes with it. */
const VALIDATOR = 'kubernetes-validate==1.37.0';

describeWithPrograms(['python3', 'pip3'], "Kubernetes' own schemas", () => {
  let packages: string;
  const validate = (files: readonly string[]) =>
    said('python3', ['-m', 'kubernetes_validate', '--strict', ...files], {
      env: { ...process.env, PYTHONPATH: packages },
    });
  const kept = (name: string, document: unknown): string => {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(document));
    return file;
  };

  beforeAll(async () => {
    packages = await pythonPackage(VALIDATOR, 'kubernetes_validate');
  }, INSTALL_MS);

  test('take all that is made, and the jobs that k6-operator makes of it', () => {
    const runs = ['plain', 'image'].map((name) => manifestIn<TestRun>(name, 'testrun.yaml'));
    const files = [
      join(repository, 'deploy', 'base', 'results.yaml'),
      ...['plain/configmap.yaml', 'image/configmap.yaml', 'image/judge.yaml'].map((file) => join(folder, file)),
      ...runs.flatMap((run, at) => [
        kept(`initializer-${at}`, initializerJob(run)),
        kept(`runner-${at}`, runnerJob(run, 4)),
      ]),
    ];
    const { status, text } = validate(files);
    expect({ status, text, passed: text.match(/ passed /g)?.length }).toMatchObject({
      status: 0,
      passed: files.length,
    });
  });

  test('refuse unknown fields and values of another type', () => {
    const judge = manifestIn<Job>('image', 'judge.yaml');
    const unknown = validate([kept('unknown', { ...judge, spec: { ...judge.spec, backofLimit: 0 } })]);
    expect(unknown).toEqual({ status: 1, text: expect.stringContaining('backofLimit') });
    const mistyped = validate([kept('mistyped', { ...judge, spec: { ...judge.spec, activeDeadlineSeconds: '1h' } })]);
    expect(mistyped).toEqual({ status: 1, text: expect.stringContaining('activeDeadlineSeconds') });
  });
});

/** What a program says on both of its outputs, and how it ends. */
function said(program: string, args: readonly string[], options: { env?: NodeJS.ProcessEnv; input?: string }) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000, ...options });
  if (error !== undefined) throw error;
  return { status, text: stdout + stderr };
}

describeWithPrograms(['go'], 'the schema of a TestRun', () => {
  let kubeconform: string;
  beforeAll(async () => {
    kubeconform = (await ensureKubeconform()).path;
  }, 120_000);

  const check = (testRun: unknown) => {
    const schemas = join(repository, 'deploy', 'schemas', '{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json');
    return said(kubeconform, ['-strict', '-summary', '-schema-location', schemas, '-'], {
      input: JSON.stringify(testRun),
    });
  };

  test.each(['plain', 'image'])('takes what is made: %s', (name) => {
    expect(check(manifestIn(name, 'testrun.yaml'))).toEqual({
      status: 0,
      text: expect.stringContaining('Valid: 1, Invalid: 0, Errors: 0, Skipped: 0'),
    });
  });

  type Spec = TestRun['spec'];
  test.each<[string, (spec: Spec) => object, string]>([
    ['an unknown field', (spec) => ({ ...spec, paralelism: 4 }), "'paralelism' not allowed"],
    [
      'an unknown field of a pod',
      (spec) => ({ ...spec, runner: { ...spec.runner, resource: {} } }),
      "'resource' not allowed",
    ],
    ['a number as text', (spec) => ({ ...spec, parallelism: '4' }), "'/spec/parallelism': got string, want integer"],
    [
      'a flag that the operator wants as text',
      (spec) => ({ ...spec, runner: { ...spec.runner, automountServiceAccountToken: false } }),
      "'/spec/runner/automountServiceAccountToken': got boolean, want string",
    ],
    [
      'two places of a script',
      (spec) => ({ ...spec, script: { localFile: '/a.js', configMap: { name: 'a' } } }),
      "'/spec/script': maxProperties",
    ],
    ['no script', ({ script: _, ...spec }) => spec, "missing property 'script'"],
  ])('refuses %s', (_what, broken, why) => {
    const testRun = manifestIn<TestRun>('plain', 'testrun.yaml');
    expect(check({ ...testRun, spec: broken(testRun.spec) })).toEqual({
      status: 1,
      text: expect.stringContaining(why),
    });
  });
});

describe('the image', () => {
  test('has the k6 that set-up pins, and runs as the user whose files the judge reads', () => {
    const lines = deployed('Dockerfile').split('\n');
    const { spec } = manifestIn<TestRun & { spec: { runner: { securityContext: { runAsUser: number } } } }>(
      'image',
      'testrun.yaml',
    );
    expect(lines).toContain(`FROM grafana/k6:${PINNED_VERSION} AS k6`);
    expect(lines).toContain(`USER ${spec.runner.securityContext.runAsUser}:${spec.runner.securityContext.runAsUser}`);
    for (const line of lines.filter((each) => each.startsWith('FROM'))) expect(line).toMatch(/^FROM \S+:\d+\.\d+\.\d+/);
  });
});

/** The last stage of the image as a folder: what it takes from the build, and nothing else of this repository. */
function imageFolder(): string {
  const image = join(folder, 'suite');
  for (const [, from = '', to = ''] of deployed('Dockerfile').matchAll(/^COPY --from=build \/suite\/(\S+) (\S+)$/gm)) {
    const target = join(image, to.endsWith('/') ? join(to, from) : to);
    if (from === 'node_modules') linkDependencies(target);
    else cpSync(join(repository, from), target, { recursive: true });
  }
  return image;
}

/** As `npm prune --omit=dev` leaves them. */
function linkDependencies(target: string): void {
  const { packages } = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  for (const [path, { dev }] of Object.entries(packages)) {
    const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? [];
    if (name === undefined || dev === true || !existsSync(join(repository, path))) continue;
    mkdirSync(dirname(join(target, name)), { recursive: true });
    symlinkSync(join(repository, path), join(target, name));
  }
}

describe('a run whose pods are processes of this machine', () => {
  const PODS = 2;
  /** As much as the targets that are asked for need. */
  const LOAD = [
    ...['--rate', '80', '--spawn-rate', '320', '--duration', '5s', '--probe-rate', '5'],
    ...['--only', 'p95-cached,error-rate'],
  ];
  /** What is proven here is the way of the data: this machine may be as slow as it likes. */
  const LIMITS = { version: 1, targets: { 'p95-cached': { limit: 60_000 } } };
  /** Names that only a cluster's resolver would know. The operator's port is fixed, so each pod has an address of its own. */
  const SERVER = 'http://fiml.default.svc:8000';
  const network = `127.${1 + Math.floor(Math.random() * 254)}.${1 + Math.floor(Math.random() * 254)}`;
  const apiOf = (ordinal: number) => `${network}.${ordinal}`;

  let server: ReferenceProcess;
  let testRun: TestRun;
  let image: string;
  /** What was in the image before anything ran. */
  let held: string[];
  let path: string;
  let volume: string;
  let initialized: ReturnType<typeof said>;
  let ends: (number | NodeJS.Signals)[];
  let judged: Finished;
  const podOf = (ordinal: number) => `${testRun.metadata.name}-${ordinal}-abcd${ordinal}`;
  const runFolder = () => join(volume, testRun.metadata.name);

  /** What a kubelet would start, with the names of the cluster replaced by addresses of this machine. */
  function processIn(container: Container, podName: string): Process {
    const temporary = join(folder, podName);
    mkdirSync(temporary);
    const folders: Kubelet['folders'] = { '/results': volume, '/tmp': temporary, '/test': join(folder, 'given') };
    const { command, env } = processOf(container, { podName, folders });
    const here = (text: string) => text.replaceAll(SERVER, server.url).replaceAll('/suite/', `${image}/`);
    const [program, ...args] = command.map(here) as [string, ...string[]];
    const values = Object.entries(env).map(([name, value]) => [name, here(value)]);
    return { command: [program, ...args], env: { ...Object.fromEntries(values), PATH: path } };
  }

  /** As the ConfigMap is mounted: a file for each of its keys. */
  function keepGiven(): void {
    mkdirSync(join(folder, 'given'));
    const { data } = manifestIn<{ data: Record<string, string> }>('run', 'configmap.yaml');
    for (const [name, text] of Object.entries(data)) {
      writeFileSync(join(folder, 'given', name), text.replaceAll(SERVER, server.url));
    }
  }

  const containerOf = (job: Job): Container => job.spec.template.spec.containers[0];

  async function startRunner(ordinal: number) {
    mkdirSync(join(volume, podOf(ordinal)));
    const { command, env } = processIn(containerOf(runnerJob(testRun, ordinal)), podOf(ordinal));
    const [program, ...args] = command.map((word) => word.replace('0.0.0.0', apiOf(ordinal)));
    // Its shell does not pass signals on to k6: both are in a group of their own, to be ended together.
    return spawn(program as string, args, { env, stdio: 'ignore', detached: true });
  }

  /** As the starter of k6-operator does, for all at once. */
  async function release(): Promise<void> {
    const statuses = Array.from({ length: PODS }, (_, at) => `http://${apiOf(at + 1)}:6565/v1/status`);
    for (const status of statuses) await until(() => isPaused(status), `${status} is paused`);
    const body = JSON.stringify({ data: { id: 'default', type: 'status', attributes: { paused: false } } });
    await Promise.all(statuses.map((status) => fetch(status, { method: 'PATCH', body })));
  }

  /** The judge as its Job would start it, from what the image holds. */
  function judge(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const resolver = join(folder, 'resolver.js');
    writeFileSync(resolver, resolverSource(`${testRun.metadata.name}-service-`, network));
    const child = spawn(
      process.execPath,
      ['--require', resolver, join(image, 'dist', 'cli.js'), 'k8s', 'judge', ...args],
      {
        cwd: image,
        env: { PATH: path, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
      });
    }
    const closed = new Promise((done) => child.once('close', done));
    const finished = ended(child, DEADLINE_MS).then(async (code): Promise<Finished> => {
      await closed;
      return { code, ...text };
    });
    return { text, finished };
  }

  beforeAll(async () => {
    volume = join(folder, 'volume');
    mkdirSync(volume);
    const limits = join(folder, 'limits.json');
    writeFileSync(limits, JSON.stringify(LIMITS));
    const where = ['--target', SERVER, '--image', IMAGE, '--thresholds', limits, '--output', join(folder, 'run')];
    const [started, manifestsWritten] = await Promise.all([
      startReferenceProcess(),
      cli(['k8s', 'load', '--parallelism', String(PODS), ...where, ...LOAD]),
    ]);
    server = started;
    expect(manifestsWritten).toMatchObject({ code: 0 });
    keepGiven();
    testRun = manifestIn<TestRun>('run', 'testrun.yaml');
    image = imageFolder();
    held = readdirSync(image).sort();
    path = `${dirname((await ensureK6()).path)}${delimiter}${process.env.PATH}`;

    const initializer = processIn(containerOf(initializerJob(testRun)), 'initializer');
    const [program, ...words] = initializer.command;
    initialized = said(program, words, { env: { ...initializer.env } });

    const { args: judgeArgs, ...container } = containerOf(manifestIn<Job>('run', 'judge.yaml')) as Container & {
      args: string[];
    };
    const { command, env } = processIn({ ...container, command: judgeArgs }, 'judge');
    const job = judge(command.slice(2), env);
    await until(() => job.text.stderr.includes('waiting for 2 pods'), 'the judge waits for the pods');
    const runners = [await startRunner(1), await startRunner(2)];
    try {
      await release();
      ends = await Promise.all(runners.map((runner) => ended(runner, DEADLINE_MS)));
    } finally {
      for (const runner of runners) endGroup(runner);
    }
    judged = await job.finished;
  }, DEADLINE_MS * 2);

  afterAll(() => server?.stop());

  test('is looked at by the operator, who finds no mistake in it', () => {
    expect(initialized.status).toBe(0);
    expect(JSON.parse(initialized.text)).toMatchObject({
      totalDuration: expect.any(String),
      maxVUs: expect.any(Number),
    });
  });

  test('passes as a whole, and every pod ended as one that did its part', () => {
    expect(ends).toEqual([0, 0]);
    expect(judged).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^PASS {2}load/m),
      // Of two that end together, one may be seen to end first.
      stderr: expect.stringMatching(/^waiting for 2 pods of 2\n(waiting for 1 pod of 2\n)?$/),
    });
    expect(readdirSync(runFolder())).toEqual(
      expect.arrayContaining([
        podOf(1),
        podOf(2),
        'run.json',
        'verdict.json',
        'report.html',
        'junit.xml',
        'segments.json',
      ]),
    );
    expect(readdirSync(volume).sort()).toEqual([testRun.metadata.name, 'history']);
    // Its root file system may be read-only.
    expect(readdirSync(image).sort()).toEqual(held);
  });

  test('was watched from beside: the server before and after, and the CPU of each k6', () => {
    const run = runSchema.parse(JSON.parse(readFileSync(join(runFolder(), 'run.json'), 'utf8')));
    expect(run.target.before?.startTimesS).toEqual(run.target.after?.startTimesS);
    expect(run.target.before?.startTimesS).toHaveLength(1);
    expect(run.generator.samples.length).toBeGreaterThan(2);
    expect(run.segments?.parts.map(({ name, segment }) => ({ name, segment }))).toEqual([
      { name: podOf(1), segment: '0:1/2' },
      { name: podOf(2), segment: '1/2:1' },
    ]);
    const checks = new Map(verdictIn(runFolder()).checks.map((check) => [check.id, check]));
    expect(checks.get('generator-cpu')).toMatchObject({ ok: true });
    expect(checks.get('generator-cpu')?.unchecked).toBeUndefined();
  });

  test('is not judged a second time', async () => {
    const { code, stderr } = await judge([volume, '--segments', join(folder, 'given', 'segments.json')]).finished;
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('has been judged') });
  });

  test('of which one pod left nothing and another what is cut off is INVALID, and names them', async () => {
    const copy = join(folder, 'copy');
    cpSync(join(runFolder(), podOf(1)), join(copy, podOf(1)), { recursive: true });
    const samples = join(copy, podOf(1), 'samples.json.gz');
    writeFileSync(samples, readFileSync(samples).subarray(0, -1000));
    const { code, stdout } = await judge([copy, '--segments', join(folder, 'given', 'segments.json')], {
      PERF_HISTORY: join(folder, 'history'),
    }).finished;
    expect({ code, stdout }).toEqual({ code: 3, stdout: expect.stringMatching(/^INVALID/m) });
    const verdict = verdictIn(join(copy, testRun.metadata.name));
    expect(verdict.reasons.join()).toContain(`${testRun.metadata.name}-2: it left no samples`);
    expect(verdict.reasons.join()).toContain(`${podOf(1)}: the file of samples is cut off`);
  });
});

test('a script that is more than its parts is refused before any load', async () => {
  const { code, stderr } = await runK6(join(repository, 'dist', 'memory-leak.js'), {
    cwd: folder,
    env: { PERF_TARGET: 'http://127.0.0.1:9' },
    args: ['--execution-segment', '0:1/2'],
  });
  expect(code).toBe(107);
  expect(stderr).toContain('only the scenario load can be divided');
});

/** Ends what is left of a process and those that it has started. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // They have ended by themselves.
  }
}

async function isPaused(status: string): Promise<boolean> {
  try {
    const { data } = (await (await fetch(status)).json()) as {
      data: { attributes: { status: number } };
    };
    return data.attributes.status === PAUSED;
  } catch {
    return false;
  }
}

/** k6's own number for a test that has all it needs and waits for its release. */
const PAUSED = 4;

/** Answers as a cluster's resolver would for the services of a run: the n-th has the n-th address of a network. */
const resolverSource = (prefix: string, network: string): string => `
const dns = require('node:dns');
const { lookup } = dns;
dns.lookup = (name, options, done) => {
  const address = name.startsWith(${JSON.stringify(prefix)}) ? '${network}.' + name.slice(${prefix.length}) : name;
  return lookup(address, options, done);
};
`;
