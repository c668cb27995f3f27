import { z } from 'zod';
import { markedText } from '../../report/github/digest';
import { combine } from '../../report/subject';
import { answered, authorship, canBeOwn, gitHubOf } from './api';
import { runUrlOf } from './event';
import { subjectsOrProblem } from './subjects';

/** By which it is found again; GitHub does not show it. */
const ISSUE_MARK = '<!-- fiml-perf scheduled -->';
const TITLE = 'Performance: the runs on schedule fail';

const issueSchema = z.object({
  number: z.number().int(),
  body: z.string().nullish(),
  html_url: z.string(),
  /** Only pull requests, which GitHub lists as issues, have it. */
  pull_request: z.unknown().optional(),
  ...authorship,
});

/**
 * Writes the report into the open issue about runs on schedule, or opens one: an issue a week would bury the first.
 *
 * @throws UserError when GitHub does not take it.
 */
export async function issue(
  folders: readonly string[],
  env: NodeJS.ProcessEnv,
  tell: (line: string) => void,
): Promise<void> {
  const gitHub = gitHubOf(env);
  const subjects = subjectsOrProblem(folders);
  const runUrl = runUrlOf(env);
  const foot = runUrl === null ? '' : `[All files are with the run](${runUrl}).`;
  const body = markedText(ISSUE_MARK, subjects, foot);
  const path = `${gitHub.repository}/issues`;
  const open = await gitHub.list(`${path}?state=open`, issueSchema);
  const own = open.find((one) => one.pull_request === undefined && one.body?.startsWith(ISSUE_MARK) && canBeOwn(one));
  if (own === undefined) {
    const made = answered(issueSchema, await gitHub.send('POST', path, { title: TITLE, body }), path);
    tell(`opened: ${made.html_url}`);
    return;
  }
  await gitHub.send('PATCH', `${path}/${own.number}`, { body });
  // Nobody is notified of an edit.
  const { verdict, headline } = combine(subjects);
  await gitHub.send('POST', `${path}/${own.number}/comments`, { body: `Again: ${verdict}, ${headline}. ${foot}` });
  tell(`updated: ${own.html_url}`);
}
