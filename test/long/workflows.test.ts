import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { abSchema } from '../../scripts/result/ab';
import { temporaryFolder } from '../support/cli';
import { makeOrigin } from '../support/clones';
import { type FakeGitHub, startFakeGitHub } from '../support/github';
import { HARMLESS, type Pipelines, pipelines, slowerBy } from '../support/pipeline';

/** Long enough for restarts; as many pairs as a machine that others use carries, where a trial of it would choose more. */
const SHORT = {
  COMPARE_FOR: '1m',
  PERF_ONLY: 'p95-cached',
  PERF_RATE: '40',
  PERF_PROBE_RATE: '5',
  PERF_TIME_SCALE: '0.1',
  PERF_DURATION: '30s',
};
const DEADLINE_MS = 900_000;

let folder: string;
let gitHub: FakeGitHub;
let all: Pipelines;

beforeAll(async () => {
  folder = temporaryFolder('workflows');
  gitHub = await startFakeGitHub();
  all = await pipelines(folder, makeOrigin(folder), gitHub, SHORT);
}, DEADLINE_MS);

afterAll(async () => {
  await gitHub.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['twice as slow fails', 7, slowerBy(2), /^REGRESSED\n/],
  ['left as it is passes', 8, HARMLESS, /^(PASS|INCONCLUSIVE)\n/],
])(
  'a pull request whose server is %s, by programs that were started anew',
  async (_, number, changes, verdict) => {
    gitHub.open(number, { isPull: true });
    const done = (await all.pullRequest({ number, changes, from: 'acme' })).get('pull-request');
    const measured = done?.steps.find(({ what }) => /ci measure/.test(what));
    // With the reasons, where it is another.
    expect(`${measured?.outputs.verdict}\n${measured?.log}`).toMatch(verdict);
    expect(done?.failed).toBe(measured?.outputs.verdict === 'REGRESSED');
    const ab = abSchema.parse(JSON.parse(readFileSync(all.artefact(number, join('ab', 'ab.json')), 'utf8')));
    expect(ab.replicate).toBe('restart');
    expect(ab.rounds.length).toBeGreaterThanOrEqual(5);
    expect(gitHub.issues.get(number)?.comments).toHaveLength(1);
  },
  DEADLINE_MS,
);
