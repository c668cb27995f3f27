import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keep, restore } from '../../../scripts/ci/history-branch';
import { cli, type Finished, temporaryFolder } from '../../support/cli';

/** A remote with one empty commit. */
let template: string;
let folder: string;
let origin: string;

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid', ...args], {
    cwd,
    encoding: 'utf8',
    input: '',
    stdio: 'pipe',
  });

beforeAll(() => {
  template = temporaryFolder('origin');
  git(template, 'init', '--quiet', '--bare', '--initial-branch=main');
  const tree = git(template, 'mktree').trim();
  git(template, 'update-ref', 'refs/heads/main', git(template, 'commit-tree', tree, '-m', 'Begin').trim());
});

afterAll(() => rmSync(template, { recursive: true, force: true }));

beforeEach(() => {
  folder = temporaryFolder('history-branch');
  origin = join(folder, 'origin.git');
  cpSync(template, origin, { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A checkout with a history of these lines, as a job has it. */
function checkout(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  git(folder, 'clone', '--quiet', origin, path);
  if (lines.length > 0) add(path, ...lines);
  return path;
}

function add(path: string, ...lines: string[]): void {
  mkdirSync(join(path, 'history'), { recursive: true });
  appendFileSync(join(path, 'history', 'load.smoke.jsonl'), lines.map((line) => `${line}\n`).join(''));
}

function saveBaseline(path: string, savedAt: string): void {
  mkdirSync(join(path, 'baselines'), { recursive: true });
  writeFileSync(join(path, 'baselines', 'load.smoke.json'), JSON.stringify({ savedAt }));
}

/** By the command, for what must happen at the same time. */
const keepByCommand = (path: string): Promise<Finished> =>
  cli(['ci', 'keep'], { cwd: path, env: { PERF_HISTORY: '', PERF_BASELINES: '' } });

/** What the step says. */
function said(step: typeof keep, path: string): string {
  const lines: string[] = [];
  const folders = { PERF_HISTORY: join(path, 'history'), PERF_BASELINES: join(path, 'baselines') };
  step(folders, path, (line) => lines.push(line));
  return lines.join('\n');
}

const onBranch = (file: string): string => git(origin, 'show', `performance-history:${file}`);
const linesOnBranch = () => onBranch('history/load.smoke.jsonl').trim().split('\n').sort();

test('what is kept is there in the next checkout, and neither branch nor index of this one changes', () => {
  const one = checkout('one', 'a', 'b');
  saveBaseline(one, '2026-11-24T10:00:00.000Z');
  expect(said(keep, one)).toBe('pushed to performance-history: 2 files');
  expect(git(one, 'status', '--porcelain')).toBe('?? baselines/\n?? history/\n');
  expect(git(one, 'branch', '--format=%(refname:short)').trim()).toBe('main');

  const two = checkout('two');
  expect(said(restore, two)).toBe('restored from performance-history: 2 files');
  expect(readFileSync(join(two, 'history', 'load.smoke.jsonl'), 'utf8')).toBe('a\nb\n');
  expect(said(keep, two)).toBe('performance-history has all of it already');
});

test('of jobs that push at the same time none loses anything', async () => {
  const jobs = ['one', 'two', 'three'].map((name) => checkout(name, `of ${name}`));
  const finished = await Promise.all(jobs.map(keepByCommand));
  expect(finished.map(({ code, stderr }) => ({ code, stderr }))).toEqual(jobs.map(() => ({ code: 0, stderr: '' })));
  expect(linesOnBranch()).toEqual(['of one', 'of three', 'of two']);
  expect(git(origin, 'rev-list', '--count', 'performance-history').trim()).toBe('3');
});

test('a push that is refused because another came first fetches, and goes on top of it', async () => {
  const [one, other] = [checkout('one', 'of one'), checkout('other', 'of the other')];
  // The remote lets the other job in just before it takes the first push.
  const hook = join(origin, 'hooks', 'pre-receive');
  const overtaken = join(folder, 'overtaken');
  const push = `env -u GIT_DIR -u GIT_QUARANTINE_PATH -u GIT_OBJECT_DIRECTORY -u GIT_ALTERNATE_OBJECT_DIRECTORIES`;
  writeFileSync(
    hook,
    `#!/bin/sh\n[ -e '${overtaken}' ] && exit 0\ntouch '${overtaken}'\ncd '${other}' && ${push} PERF_HISTORY= PERF_BASELINES= '${process.execPath}' '${process.cwd()}/bin/fiml-perf.js' ci keep >&2\n`,
    { mode: 0o755 },
  );
  expect(said(keep, one)).toBe('pushed to performance-history: 1 file');
  expect(existsSync(overtaken)).toBe(true);
  expect(linesOnBranch()).toEqual(['of one', 'of the other']);
});

test('the newer baseline stays, whoever pushes last', () => {
  const [newer, older] = [checkout('newer'), checkout('older')];
  saveBaseline(newer, '2026-11-24T10:00:01.000Z');
  saveBaseline(older, '2026-11-24T10:00:00.000Z');
  said(keep, newer);
  said(keep, older);
  expect(onBranch('baselines/load.smoke.json')).toContain('10:00:01');
  said(restore, older);
  expect(readFileSync(join(older, 'baselines', 'load.smoke.json'), 'utf8')).toContain('10:00:01');
});

test('nothing is there to be restored before anything was kept', () => {
  expect(said(restore, checkout('one'))).toBe('origin has no branch performance-history yet');
});

test.each<[string, (path: string) => void, RegExp]>([
  ['there is nothing', (path) => rmSync(join(path, 'history'), { recursive: true }), /there is nothing to keep in /],
  ['the remote is gone', () => rmSync(origin, { recursive: true }), /git ls-remote/],
  [
    'the remote refuses',
    () =>
      writeFileSync(join(origin, 'hooks', 'pre-receive'), '#!/bin/sh\necho protected >&2\nexit 1\n', { mode: 0o755 }),
    /cannot be pushed to origin:\n[\s\S]*protected[\s\S]*contents: write/,
  ],
])('nothing is kept, and why is said, where %s', (_, spoil, expected) => {
  const one = checkout('one', 'a');
  spoil(one);
  expect(() => said(keep, one)).toThrow(expected);
});
