import { readFileSync, rmSync } from 'node:fs';
import { type Ci, ciSchema } from '../../scripts/result/ci';
import { exists, temporaryFolder } from '../support/cli';
import { git, makeOrigin, type Origin } from '../support/clones';
import { comparison } from '../support/comparison';
import { type FakeGitHub, startFakeGitHub } from '../support/github';
import { suitesIn } from '../support/junit';
import { inLanes, type Lanes } from '../support/lanes';
import { HARMLESS, type Pipelines, pipelines, slowerBy } from '../support/pipeline';
import { type ReferenceProcess, startReferenceProcess } from '../support/reference';
import type { JobDone, StepDone } from '../support/workflow';

/** One target, seconds of load, and the shortest comparison; no restarts, which have a test of their own in test/long. */
const SHORT = {
  COMPARE_FOR: '20s',
  BASELINE_RUNS: '1',
  PERF_ONLY: 'p95-cached',
  PERF_RATE: '40',
  PERF_PROBE_RATE: '5',
  PERF_TIME_SCALE: '0.1',
  PERF_DURATION: '30s',
};
const OWN = { number: 7, from: 'acme', changes: slowerBy(8) };
const NOTHING_WRONG: Ci = {
  schema: 'fiml-perf/ci',
  version: 1,
  createdAt: '2026-11-24T10:00:00.000Z',
  parts: [{ name: 'ab', problem: null }],
};
/** Brings the report of a measurement that never was. */
const FORGED = {
  number: 9,
  from: 'acme',
  changes: {
    'performance-report/ci.json': () => JSON.stringify(NOTHING_WRONG),
    'performance-report/ab/comparison.json': () => JSON.stringify(comparison({ verdict: 'NO CHANGE', exitCode: 0 })),
  },
};
const FORK = { number: 8, from: 'someone', changes: HARMLESS };
/** So short a load is starved on a busy machine, and then it cannot be judged: that fails, too. */
const FAILED = /^(FAIL|INVALID) {2}/m;
const DEADLINE_MS = 240_000;

let folder: string;
let origin: Origin;
let gitHub: FakeGitHub;
let slow: ReferenceProcess;
let all: Pipelines;
let events: Lanes<Map<string, JobDone>>;

beforeAll(async () => {
  folder = temporaryFolder('workflows');
  origin = makeOrigin(folder);
  gitHub = await startFakeGitHub();
  gitHub.open(OWN.number, { isPull: true });
  gitHub.open(FORGED.number, { isPull: true });
  gitHub.open(FORK.number, { isPull: true });
  slow = await startReferenceProcess(['--latency-add-ms', '300']);
  all = await pipelines(folder, origin, gitHub, SHORT);
  const weekly = await pipelines(folder, origin, gitHub, {
    PERF_TARGET: slow.url,
    PERF_THRESHOLDS: '',
    PERF_RATE: '20',
    PERF_PROBE_RATE: '5',
    PERF_TIME_SCALE: '0.002',
    FULL_ARGS: '--only smoke --time-scale 0.1',
  });
  // Comparisons wait most of their time, so that they can do so together.
  events = inLanes(2, {
    own: () => all.pullRequest(OWN),
    fork: () => all.pullRequest(FORK),
    schedule: () => weekly.on('schedule'),
    push: () => all.on('push'),
    forged: () => all.pullRequest(FORGED),
  });
}, DEADLINE_MS);

afterAll(async () => {
  await events.stop();
  await slow.stop();
  await gitHub.stop();
  rmSync(folder, { recursive: true, force: true });
}, DEADLINE_MS);

/** The only job of a workflow that ran. */
async function job(event: string, name: string): Promise<JobDone> {
  const jobs = await events.outcomeOf(event);
  expect([...jobs.keys()]).toEqual([name]);
  return jobs.get(name) as JobDone;
}

function step({ steps }: JobDone, pattern: RegExp): StepDone {
  const found = steps.filter(({ what }) => pattern.test(what));
  expect(found).toHaveLength(1);
  return found[0] as StepDone;
}

const comments = (number: number): string[] => gitHub.issues.get(number)?.comments.map(({ body }) => body) ?? [];
const MEASURE = /ci measure/;

describe('a pull request that makes the server slower', () => {
  test(
    'fails, with annotations, a summary, outputs and files',
    async () => {
      const done = await job('own', 'pull-request');
      const measured = step(done, MEASURE);
      expect(measured).toMatchObject({ outcome: 'failure', code: 1 });
      expect(done.failed).toBe(true);
      expect(measured.log).toMatch(/^::error title=fiml-perf REGRESSED::All requests, typical latency: \+/m);
      expect(measured.summary).toMatch(/^### REGRESSED: 2 verdicts: 1 REGRESSED, 1 PASS\n/);
      expect(step(done, /^\.\/$/).outputs).toEqual({
        verdict: 'REGRESSED',
        report: 'performance-report/report.md',
        junit: 'performance-report/junit.xml',
      });
      const kept = ciSchema.parse(JSON.parse(readFileSync(all.artefact(OWN.number, 'ci.json'), 'utf8')));
      expect(kept.parts).toEqual([
        { name: 'targets', problem: null },
        { name: 'ab', problem: null },
      ]);
      expect(readFileSync(all.artefact(OWN.number, 'report.md'), 'utf8')).toMatch(/^# REGRESSED: /);
      const suites = suitesIn(readFileSync(all.artefact(OWN.number, 'junit.xml'), 'utf8'));
      expect(suites.map(({ name }) => name)).toEqual(['comparison.ab', 'load.smoke']);
    },
    DEADLINE_MS,
  );

  test(
    'gets one comment that says so',
    async () => {
      const done = await job('own', 'pull-request');
      expect(step(done, /ci comment/)).toMatchObject({ outcome: 'success' });
      expect(comments(OWN.number)).toEqual([expect.stringMatching(/^<!-- fiml-perf -->\n### REGRESSED: /)]);
    },
    DEADLINE_MS,
  );

  test(
    'leaves no server behind',
    async () => {
      await job('own', 'pull-request');
      for (const side of ['head', 'base']) {
        const { url } = JSON.parse(
          /^\{.*\}$/m.exec(readFileSync(all.artefact(OWN.number, `${side}.log`), 'utf8'))?.[0] ?? '{}',
        ) as { url: string };
        await expect(fetch(`${url}/health`)).rejects.toThrow();
      }
    },
    DEADLINE_MS,
  );
});

describe('a pull request from a fork that leaves the server as it is', () => {
  test(
    'passes, and cannot comment',
    async () => {
      const done = await job('fork', 'pull-request');
      const measured = step(done, MEASURE);
      expect(measured).toMatchObject({ outcome: 'success', code: 0 });
      expect(['PASS', 'INCONCLUSIVE']).toContain(measured.outputs.verdict);
      expect(measured.log).not.toContain('::error');
      expect(step(done, /ci comment/).outcome).toBe('skipped');
      expect(done.failed).toBe(false);
      expect(comments(FORK.number)).toEqual([]);
    },
    DEADLINE_MS,
  );

  test(
    'is told by the workflow that follows, which leaves those of the repository alone',
    async () => {
      await job('fork', 'pull-request');
      await job('own', 'pull-request');
      const before = comments(OWN.number);
      expect(await all.afterPullRequest(OWN)).toEqual(new Map());
      const followed = (await all.afterPullRequest(FORK)).get('comment') as JobDone;
      expect(followed.steps.map(({ outcome }) => outcome)).not.toContain('failure');
      expect(comments(FORK.number)).toEqual([
        expect.stringMatching(/^<!-- fiml-perf -->\n### (PASS|INCONCLUSIVE): 2 verdicts/),
      ]);
      expect(comments(OWN.number)).toEqual(before);
    },
    DEADLINE_MS,
  );
});

test(
  'a pull request that brings a report along is not taken at its word',
  async () => {
    const done = await job('forged', 'pull-request');
    expect(step(done, MEASURE)).toMatchObject({ outcome: 'failure', code: 2, outputs: {} });
    expect(done.failed).toBe(true);
    expect(comments(FORGED.number)).toEqual([
      expect.stringMatching(/### INVALID: the job[\s\S]*nothing was measured to its end/),
    ]);
  },
  DEADLINE_MS,
);

test(
  'a push adds its run, and a baseline of it, to the branch with the histories',
  async () => {
    const done = await job('push', 'main');
    expect(done.steps.map(({ outcome }) => outcome)).not.toContain('failure');
    const kept = (file: string) => git(origin.path, 'show', `performance-history:${file}`);
    expect(kept('history/load.smoke.jsonl').split('\n')).toHaveLength(1);
    expect(JSON.parse(kept('baselines/load.smoke.json'))).toMatchObject({ name: 'load.smoke' });
    expect(step(done, /^make history$/).log).toContain('load.smoke');
    expect(step(done, /perf-baseline/).summary).toContain('PASS');
  },
  DEADLINE_MS,
);

test(
  'a failure on schedule opens an issue with every part that was to be run',
  async () => {
    const done = await job('schedule', 'weekly');
    expect(step(done, /test-performance-full/)).toMatchObject({ outcome: 'failure' });
    // The first failure keeps nothing else from being run.
    expect(step(done, /test-endurance/)).toMatchObject({ outcome: 'failure', log: expect.stringMatching(FAILED) });
    expect(step(done, /ci issue/)).toMatchObject({ outcome: 'success', log: expect.stringMatching(/^opened: /) });
    const issues = [...gitHub.issues.values()].filter(({ isPull }) => !isPull);
    expect(issues.map(({ body }) => body)).toEqual([
      expect.stringMatching(/^<!-- fiml-perf scheduled -->\n### (FAIL|INVALID): 2 verdicts: [12] (FAIL|INVALID)/),
    ]);
    expect(exists(all.artefact('schedule', 'endurance/report.html'))).toBe(true);
  },
  DEADLINE_MS,
);
