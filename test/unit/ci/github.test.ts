import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { comment } from '../../../scripts/ci/github/comment';
import { issue } from '../../../scripts/ci/github/issue';
import { UserError } from '../../../scripts/errors';
import { problemOf } from '../../../scripts/report/problem';
import { temporaryFolder } from '../../support/cli';
import { comparison } from '../../support/comparison';
import { type FakeGitHub, type Pull, REPOSITORY, STRANGER, startFakeGitHub, tokenOf } from '../../support/github';

const SHA = '0123456789abcdef0123456789abcdef01234567';
let folder: string;
let gitHub: FakeGitHub;
let told: string[];

beforeEach(async () => {
  folder = temporaryFolder('github');
  gitHub = await startFakeGitHub();
  gitHub.open(7, { isPull: true });
  gitHub.pulls.push({ number: 7, head: { sha: SHA, label: 'someone:faster/sort' } });
  told = [];
});

afterEach(async () => {
  await gitHub.stop();
  rmSync(folder, { recursive: true, force: true });
});

const tell = (line: string) => told.push(line);

/** What a workflow's step is told of GitHub. */
function environment(name: string, event: object, permissions: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const path = join(folder, 'event.json');
  writeFileSync(path, JSON.stringify(event));
  return {
    GITHUB_API_URL: gitHub.url,
    GITHUB_SERVER_URL: 'https://github.test',
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_RUN_ID: '42',
    GITHUB_EVENT_NAME: name,
    GITHUB_EVENT_PATH: path,
    GITHUB_TOKEN: tokenOf(permissions),
  };
}

const onPull = (permissions: Readonly<Record<string, string>> = { 'pull-requests': 'write' }) =>
  environment('pull_request', { pull_request: { number: 7, head: { sha: SHA } } }, permissions);

const fromFork = (sha = SHA) =>
  environment(
    'workflow_run',
    {
      workflow_run: {
        html_url: 'https://github.test/run/41',
        head_sha: sha,
        head_branch: 'faster/sort',
        head_repository: { owner: { login: 'someone' } },
      },
    },
    { 'pull-requests': 'write' },
  );

/** A folder as `ci measure` leaves it. */
function measured(verdict: 'REGRESSED' | 'NO CHANGE'): string {
  const path = join(folder, verdict.replace(' ', '-'));
  mkdirSync(join(path, 'ab'), { recursive: true });
  const compared = comparison({ verdict, exitCode: verdict === 'REGRESSED' ? 1 : 0 });
  writeFileSync(join(path, 'ab', 'comparison.json'), JSON.stringify(compared));
  const parts = [{ name: 'ab', problem: null }];
  const ci = { schema: 'fiml-perf/ci', version: 1, createdAt: '2026-11-24T10:00:00.000Z', parts };
  writeFileSync(join(path, 'ci.json'), JSON.stringify(ci));
  return path;
}

const bodies = () => gitHub.issues.get(7)?.comments.map(({ body }) => body) ?? [];

const refusal = async (outcome: Promise<void>): Promise<string> => {
  const error = await outcome.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
};

describe('the comment on a pull request', () => {
  test('is made, with verdict, commit and run, and from then on updated in place', async () => {
    await comment([measured('REGRESSED')], onPull(), tell);
    expect(bodies()).toHaveLength(1);
    expect(bodies()[0]).toMatch(/^<!-- fiml-perf -->\n### REGRESSED: /);
    expect(bodies()[0]).toContain(
      'Measured at 01234567; [all files are with the run](https://github.test/acme/fiml/actions/runs/42).',
    );
    await comment([measured('NO CHANGE')], onPull(), tell);
    expect(bodies()).toHaveLength(1);
    expect(bodies()[0]).toMatch(/^<!-- fiml-perf -->\n### NO CHANGE: /);
    expect(told).toEqual([
      expect.stringMatching(/^commented: http/),
      expect.stringMatching(/^updated the comment: http/),
    ]);
  });

  test('is found behind a hundred of others, which are left alone', async () => {
    const others = Array.from({ length: 130 }, (_, at) => ({
      id: at,
      ...STRANGER,
      body: at === 3 ? 'I like <!-- fiml-perf -->' : 'hm',
    }));
    gitHub.issues.get(7)?.comments.push(...others);
    await comment([measured('REGRESSED')], onPull(), tell);
    await comment([measured('NO CHANGE')], onPull(), tell);
    expect(bodies()).toHaveLength(131);
    expect(bodies().slice(0, 130)).toEqual(others.map(({ body }) => body));
    expect(bodies()[130]).toContain('NO CHANGE');
  });

  test('says INVALID, and why, where nothing was measured', async () => {
    await comment([join(folder, 'nothing')], onPull(), tell);
    expect(bodies()[0]).toMatch(/### INVALID: .*nothing/);
    const broken = measured('NO CHANGE');
    const parts = [{ name: 'ab', problem: problemOf(['--start: the command ended with 1', '<img src=x> is missing']) }];
    writeFileSync(
      join(broken, 'ci.json'),
      JSON.stringify({ schema: 'fiml-perf/ci', version: 1, createdAt: '2026-11-24T10:00:00.000Z', parts }),
    );
    await comment([broken], onPull(), tell);
    expect(bodies()[0]).toContain('### INVALID: ab');
    expect(bodies()[0]).toContain('- --start: the command ended with 1');
    expect(bodies()[0]).not.toContain('<img');
  });

  test('says INVALID, whatever lies there, where the job did not measure to its end', async () => {
    measured('NO CHANGE');
    await comment([''], onPull(), tell);
    expect(bodies()[0]).toMatch(/### INVALID: the job\n[\s\S]*nothing was measured to its end/);
  });

  test('says INVALID of a comparison that began at no time that there is', async () => {
    const forged = measured('NO CHANGE');
    const path = join(forged, 'ab', 'comparison.json');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/"startedAtMs":\d+/g, '"startedAtMs":1e300'));
    await comment([forged], onPull(), tell);
    expect(bodies()[0]).toMatch(/### INVALID: [\s\S]*does not have the expected form/);
  });

  test('shows no file from outside of the folder, whatever that says', async () => {
    const broken = measured('NO CHANGE');
    const text = JSON.stringify({ schema: 'fiml-perf/ci', version: 1, createdAt: '2026-11-24T10:00:00.000Z' });
    writeFileSync(join(broken, 'ci.json'), text.replace('}', ',"parts":[{"name":"../REGRESSED","problem":null}]}'));
    measured('REGRESSED');
    await comment([broken], onPull(), tell);
    expect(bodies()[0]).toMatch(/### INVALID: [\s\S]*does not have the expected form/);
  });

  test('of a fork is made by the second workflow, on the pull request that GitHub names', async () => {
    gitHub.pulls.unshift({ number: 3, head: { sha: SHA, label: 'mallory:faster/sort' } });
    await comment([measured('REGRESSED')], fromFork(), tell);
    expect(bodies()[0]).toContain('https://github.test/run/41');
  });

  test.each([
    ['a fork', fromFork],
    ['the repository', onPull],
  ])('of %s is not made for a commit that is not the newest any more, nor for one that is merged', async (_, event) => {
    const [pull] = gitHub.pulls.splice(0);
    gitHub.pulls.push({ number: 7, head: { sha: `f${SHA.slice(1)}`, label: 'someone:faster/sort' } });
    await comment([measured('REGRESSED')], event(), tell);
    gitHub.pulls.splice(0, 1, pull as Pull);
    gitHub.open(7, { isPull: true, state: 'closed' });
    await comment([measured('REGRESSED')], event(), tell);
    expect(bodies()).toEqual([]);
    const why = 'no comment: the pull request is closed, or has a newer commit';
    expect(told).toEqual([why, why]);
  });

  test('is not written into that of a stranger who wrote its mark, who could change it afterwards', async () => {
    const theirs = { id: 1, ...STRANGER, body: '<!-- fiml-perf -->\n### PASS' };
    gitHub.issues.get(7)?.comments.push(theirs);
    await comment([measured('REGRESSED')], onPull(), tell);
    expect(bodies()).toEqual(['<!-- fiml-perf -->\n### PASS', expect.stringContaining('### REGRESSED: ')]);
  });

  test('is that of a maintainer whose token the job has', async () => {
    const theirs = { id: 1, user: STRANGER.user, author_association: 'MEMBER', body: '<!-- fiml-perf -->\n### PASS' };
    gitHub.issues.get(7)?.comments.push(theirs);
    await comment([measured('REGRESSED')], onPull(), tell);
    expect(bodies()).toEqual([expect.stringContaining('### REGRESSED: ')]);
  });

  test.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['without the permission', {}, /answered 403: Resource not accessible.*\n.*pull-requests: write/],
    ['without a token', { GITHUB_TOKEN: '' }, /^GITHUB_TOKEN is not set/],
    ['with a wrong token', { GITHUB_TOKEN: 'geheim77' }, /answered 401: Bad credentials$/],
    ['outside of a repository', { GITHUB_REPOSITORY: 'fiml' }, /^GITHUB_REPOSITORY is not OWNER\/NAME/],
    // Nothing can listen there, and fetch refuses to ask.
    ['where nobody answers', { GITHUB_API_URL: 'http://127.0.0.1:1' }, /no answer: bad port/],
    ['of a push', { GITHUB_EVENT_NAME: 'push' }, /"push" is about no pull request/],
    ['without an event', { GITHUB_EVENT_PATH: '' }, /^GITHUB_EVENT_PATH is not set/],
  ])('cannot be made %s, and says so', async (_, changes, expected) => {
    const message = await refusal(
      comment([measured('REGRESSED')], { ...onPull({ contents: 'read' }), ...changes }, tell),
    );
    expect(message).toMatch(expected);
    expect(message).not.toContain('geheim77');
    expect(bodies()).toEqual([]);
  });
});

describe('the issue about runs on schedule', () => {
  const onSchedule = () => environment('schedule', {}, { issues: 'write' });
  const opened = () => [...gitHub.issues.values()].filter(({ isPull }) => !isPull);

  test('is opened once, updated when they fail again, and opened anew after it was closed', async () => {
    gitHub.open(2, { title: 'something else', body: 'I quote <!-- fiml-perf scheduled -->' });
    await issue([measured('REGRESSED')], onSchedule(), tell);
    const [, own] = opened();
    expect(own).toMatchObject({
      title: 'Performance: the runs on schedule fail',
      body: expect.stringMatching(/^<!-- fiml-perf scheduled -->\n### REGRESSED: /),
    });
    await issue([join(folder, 'nothing')], onSchedule(), tell);
    expect(opened()).toHaveLength(2);
    expect(own?.body).toContain('### INVALID: ');
    expect(own?.comments.map(({ body }) => body)).toEqual([
      expect.stringMatching(/^Again: INVALID, .*actions\/runs\/42/),
    ]);
    if (own !== undefined) own.state = 'closed';
    await issue([measured('REGRESSED')], onSchedule(), tell);
    expect(opened()).toHaveLength(3);
  });

  test('is not taken for one that a stranger opened with its mark', async () => {
    gitHub.open(9, { ...STRANGER, body: '<!-- fiml-perf scheduled -->' });
    await issue([measured('REGRESSED')], onSchedule(), tell);
    expect(opened()).toEqual([
      expect.objectContaining({ body: '<!-- fiml-perf scheduled -->', comments: [] }),
      expect.objectContaining({ body: expect.stringContaining('### REGRESSED: ') }),
    ]);
  });

  test('is not taken for one where a pull request has its mark', async () => {
    gitHub.open(9, { isPull: true, body: '<!-- fiml-perf scheduled -->' });
    await issue([measured('REGRESSED')], onSchedule(), tell);
    expect(opened()).toHaveLength(1);
  });
});
