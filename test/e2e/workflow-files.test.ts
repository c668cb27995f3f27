import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ensureActionlint, PINNED_VERSION } from '../../scripts/setup';
import { checkJsonschema, checkSchema } from '../support/check-jsonschema';
import { cli, repository } from '../support/cli';
import { describeWithPrograms } from '../support/programs';
import { INSTALL_MS } from '../support/python-package';

interface Step {
  readonly name?: string;
  readonly 'continue-on-error'?: boolean;
  readonly uses?: string;
  readonly run?: string;
}

interface Workflow {
  readonly permissions?: object;
  readonly jobs: Readonly<
    Record<
      string,
      { readonly steps: readonly Step[]; readonly 'timeout-minutes'?: number; readonly permissions?: object }
    >
  >;
}

const FOLDER = '.github/workflows';
const text = (path: string): string => readFileSync(join(repository, path), 'utf8');
const FILES = readdirSync(join(repository, FOLDER)).map((name) => `${FOLDER}/${name}`);
const workflows = FILES.map((file) => [file, parse(text(file)) as Workflow] as const);
const action = parse(text('action.yml')) as {
  readonly inputs: object;
  readonly runs: { readonly steps: readonly Step[] };
};
const EXAMPLE = 'docs/ci/gitlab-ci.yml';
const steps = [
  ...workflows.flatMap(([, { jobs }]) => Object.values(jobs).flatMap((job) => job.steps)),
  ...action.runs.steps,
];

test('every step is a make target or one call of the command, so that it can be run anywhere', () => {
  const commands = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
  expect(commands.length).toBeGreaterThan(8);
  for (const command of commands) {
    expect(command).toMatch(
      /^(make |node (bin|"\$GITHUB_ACTION_PATH\/bin)\/fiml-perf\.js"? |sh \.ci\/run$)[^\n;&|`]*$/,
    );
    // A branch may be called `$(…)`: what comes from outside reaches a shell as the value of a variable only.
    expect(command).not.toContain('${{');
  }
});

test('every action is of one exact version', () => {
  const used = steps.flatMap(({ uses }) => (uses === undefined || uses === './' ? [] : [uses]));
  expect(used.length).toBeGreaterThan(8);
  for (const one of used) expect(one).toMatch(/^actions\/[a-z-]+@v\d+\.\d+\.\d+$/);
});

test.each(workflows)('%s may write nothing but what a job says, and every job ends', (_, { permissions, jobs }) => {
  expect(permissions).toEqual({ contents: 'read' });
  for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
});

test('what measures the code of a pull request may comment, and no more', () => {
  const measuring = workflows.flatMap(([, { jobs }]) => Object.entries(jobs)).find(([name]) => name === 'pull-request');
  expect(measuring?.[1].permissions).toEqual({ contents: 'read', 'pull-requests': 'write' });
});

test('of the action nothing but what it measured decides the check', () => {
  const forgiven = action.runs.steps.filter((step) => step['continue-on-error'] === true);
  expect(forgiven.map(({ name }) => name)).toEqual(['Comment']);
});

test('the cache of k6 is that of the pinned version', () => {
  for (const file of ['action.yml', EXAMPLE]) expect(text(file)).toContain(`fiml-perf-k6-${PINNED_VERSION}`);
});

test('what the pages show of the action has its inputs, and every input is explained', () => {
  const explained = text('docs/ci.md');
  for (const name of Object.keys(action.inputs)) expect(explained).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|`, 'm'));
  for (const page of ['README.md', 'docs/ci.md']) {
    const block = /```yaml\n([\s\S]*?)```/.exec(text(page))?.[1] ?? '';
    const lines = /fiml-perf@v[\d.]+\n\s+with:\n((?:\s+[\w-]+: .*\n)+)/.exec(block)?.[1] ?? '';
    const used = [...lines.matchAll(/^\s+([\w-]+):/gm)].map(([, name]) => name);
    expect(used.length).toBeGreaterThan(2);
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(used));
  }
});

test('the examples for other systems use options that there are', async () => {
  const { stdout: help } = await cli(['ci', 'measure', '--help']);
  for (const file of [EXAMPLE, 'docs/ci/Jenkinsfile']) {
    const options = [...text(file).matchAll(/(?<=\s)--(?:start|base|max|out|fail)[\w-]*/g)].map(([option]) => option);
    expect(options.length).toBeGreaterThan(2);
    for (const option of options) expect(help).toContain(`${option} <`);
  }
});

describeWithPrograms(['go'], 'actionlint', () => {
  let actionlint: string;

  beforeAll(async () => {
    actionlint = (await ensureActionlint()).path;
  }, 120_000);

  test('takes the workflows and the action that they use, and refuses what GitHub would', () => {
    const check = (input: string, file: string) =>
      execFileSync(actionlint, ['-no-color', '-shellcheck=', '-pyflakes=', '-stdin-filename', file, '-'], {
        cwd: repository,
        input,
        encoding: 'utf8',
        stdio: 'pipe',
      });
    for (const file of FILES) expect(check(text(file), file)).toBe('');
    const file = `${FOLDER}/performance.yml`;
    expect(() => check(text(file).replace('start-base:', 'start-bases:'), file)).toThrow();
  });
});

describeWithPrograms(['python3', 'pip3'], 'the schemas', () => {
  let checker: string;
  beforeAll(async () => {
    checker = await checkJsonschema();
  }, INSTALL_MS);

  test.each([
    ...FILES.map((file) => ['github-workflows', file, 'runs-on:'] as const),
    ['github-actions', 'action.yml', 'using:'] as const,
    ['gitlab-ci', EXAMPLE, 'script:'] as const,
  ])('%s takes %s, and not without %s', (schema, file, needed) => {
    expect(checkSchema(checker, schema, text(file))).toContain('ok');
    expect(() => checkSchema(checker, schema, text(file).replaceAll(needed, 'x-unknown:'))).toThrow();
  });
});
