import { z } from 'zod';
import { UserError } from '../../errors';
import { readJson } from '../../result/files';
import { answered, type GitHub } from './api';

/** The pull request that a report is about. */
export interface PullRequest {
  readonly number: number;
  /** Its newest commit. */
  readonly commit: string;
  /** The page of the run that measured it; null outside of GitHub Actions. */
  readonly runUrl: string | null;
}

const pullRequestEvent = z.object({
  pull_request: z.object({ number: z.number().int(), head: z.object({ sha: z.string() }) }),
});

const workflowRunEvent = z.object({
  workflow_run: z.object({
    html_url: z.string(),
    head_sha: z.string(),
    head_branch: z.string(),
    head_repository: z.object({ owner: z.object({ login: z.string() }) }),
  }),
});

const openPull = z.object({ number: z.number().int(), head: z.object({ sha: z.string() }) });
const anyPull = openPull.extend({ state: z.string() });

/** The page of this run; null outside of GitHub Actions. */
export function runUrlOf(env: NodeJS.ProcessEnv): string | null {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  return server && repository && run ? `${server}/${repository}/actions/runs/${run}` : null;
}

/**
 * The pull request of the event that started this workflow.
 *
 * Where that is the end of another workflow, which a fork may have triggered, it is looked for by branch and commit, which
 * GitHub vouches for: a number that the fork's run wrote down could name the pull request of somebody else.
 *
 * @returns null when there is none any more: it was closed, or has a newer commit, of which another run tells.
 * @throws UserError when the event is about no pull request.
 */
export async function pullRequestOf(env: NodeJS.ProcessEnv, gitHub: GitHub): Promise<PullRequest | null> {
  const { GITHUB_EVENT_PATH: path, GITHUB_EVENT_NAME: name = '' } = env;
  if (path === undefined || path === '') {
    throw new UserError('GITHUB_EVENT_PATH is not set: GitHub Actions sets it, and it names the pull request');
  }
  if (name === 'workflow_run') {
    const { workflow_run: run } = readJson(path, workflowRunEvent, 'the event');
    const head = encodeURIComponent(`${run.head_repository.owner.login}:${run.head_branch}`);
    const open = await gitHub.list(`${gitHub.repository}/pulls?state=open&head=${head}`, openPull);
    const found = open.find((pull) => pull.head.sha === run.head_sha);
    return found === undefined ? null : { number: found.number, commit: run.head_sha, runUrl: run.html_url };
  }
  if (name !== 'pull_request') {
    throw new UserError(
      `the event ${JSON.stringify(name)} is about no pull request: run this step on pull_request only`,
    );
  }
  const { pull_request: pull } = readJson(path, pullRequestEvent, 'the event');
  const where = `${gitHub.repository}/pulls/${pull.number}`;
  const now = answered(anyPull, await gitHub.send('GET', where), where);
  // A run that was cancelled by a push, or is repeated later, has this event still.
  if (now.state !== 'open' || now.head.sha !== pull.head.sha) return null;
  return { number: pull.number, commit: pull.head.sha, runUrl: runUrlOf(env) };
}
