import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/services/free-port';
import { ensureK6 } from '../../scripts/setup';
import type { Origin } from './clones';
import { type FakeGitHub, REPOSITORY } from './github';
import { type JobDone, replay } from './workflow';

/** A change that makes the reference server slower, whatever it is asked. @param factor of its own service time. */
export const slowerBy = (factor: number): PullRequest['changes'] => ({
  'reference/main.ts': (text: string) =>
    text.replace(
      "'multiply the service time (repeatable)', collect, []",
      `'multiply the service time (repeatable)', collect, ['${factor}']`,
    ),
});
/** A change that changes nothing. */
export const HARMLESS = { 'README.md': (text: string) => `${text}\nMore words.\n` };

export interface PullRequest {
  readonly number: number;
  /** By file; of one that there is not yet the text is empty. */
  readonly changes: Readonly<Record<string, (text: string) => string>>;
  /** Owner of the repository that it comes from. */
  readonly from: string;
}

export interface Pipelines {
  /** Replays what its event starts; each in a clone of its own. */
  pullRequest(pull: PullRequest): Promise<Map<string, JobDone>>;
  /** The same for the workflow that follows that one. */
  afterPullRequest(pull: PullRequest): Promise<Map<string, JobDone>>;
  on(event: 'push' | 'schedule'): Promise<Map<string, JobDone>>;
  /** Of the event that is called so, or of the pull request with that number. */
  artefact(name: string | number, path: string): string;
}

/**
 * Replays of this repository's performance workflows.
 *
 * @param folder for everything that they leave. @param short variables that win over those of the workflows.
 */
export async function pipelines(
  folder: string,
  origin: Origin,
  gitHub: FakeGitHub,
  short: Readonly<Record<string, string>>,
): Promise<Pipelines> {
  const [owner] = REPOSITORY.split('/') as [string];
  const { path: k6 } = await ensureK6({ log: () => undefined });
  // Whether a slowed-down server still meets the targets depends on the machine that these tests run on.
  const thresholds = join(folder, 'limits.json');
  writeFileSync(thresholds, JSON.stringify({ version: 1, targets: { 'p95-cached': { limit: 9000 } } }));
  const commits = new Map<number, string>();

  const run = async (name: string, workflow: string, commitOf: (workspace: string) => string, rest: object) => {
    const here = join(folder, name);
    mkdirSync(here);
    const workspace = join(here, 'workspace');
    commitOf(workspace);
    const ports = [await freePort(), await freePort()];
    return replay(`.github/workflows/${workflow}`, {
      workspace,
      scratch: join(here, 'scratch'),
      artefacts: join(folder, `${name.replace(/^after-/, '')}-artefacts`),
      repository: REPOSITORY,
      apiUrl: gitHub.url,
      short: {
        PERF_K6: k6,
        PERF_THRESHOLDS: thresholds,
        HEAD_PORT: String(ports[0]),
        BASE_PORT: String(ports[1]),
        ...short,
      },
      event: { name: '', payload: {} },
      ...rest,
    });
  };

  return {
    pullRequest: ({ number, changes, from }) => {
      let head = '';
      const event = {
        name: 'pull_request',
        get payload() {
          return {
            pull_request: {
              number,
              base: { sha: origin.base },
              head: { sha: head, repo: { full_name: `${from}/fiml` } },
            },
          };
        },
      };
      const commitOf = (workspace: string) => {
        head = origin.clone(workspace, changes);
        commits.set(number, head);
        gitHub.pulls.push({ number, head: { sha: head, label: `${from}:change` } });
        return head;
      };
      return run(String(number), 'performance.yml', commitOf, { event, isFork: from !== owner });
    },
    afterPullRequest: ({ number, from }) => {
      const payload = {
        workflow_run: {
          id: 41,
          event: 'pull_request',
          html_url: 'https://github.test/run/41',
          head_sha: commits.get(number),
          head_branch: 'change',
          head_repository: { full_name: `${from}/fiml`, owner: { login: from } },
        },
      };
      return run(`after-${number}`, 'performance-comment.yml', (workspace) => origin.clone(workspace), {
        event: { name: 'workflow_run', payload },
      });
    },
    on: (name) =>
      run(name, 'performance.yml', (workspace) => origin.clone(workspace), { event: { name, payload: {} } }),
    artefact: (name, path) => join(folder, `${name}-artefacts`, 'performance-report', path),
  };
}
