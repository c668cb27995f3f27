import { z } from 'zod';
import { COMMENT_MARK, markedText } from '../../report/github/digest';
import { shownCommit } from '../../text/commit';
import { answered, authorship, canBeOwn, gitHubOf } from './api';
import { pullRequestOf } from './event';
import { subjectsOrProblem } from './subjects';

const commentSchema = z.object({
  id: z.number().int(),
  body: z.string().nullish(),
  html_url: z.string(),
  ...authorship,
});

/**
 * Writes the report into the suite's own comment on the pull request, or makes that where there is none: a comment a push
 * would bury what people say to each other. What cannot be read is told in the comment, too.
 *
 * @throws UserError when GitHub does not take it.
 */
export async function comment(
  folders: readonly string[],
  env: NodeJS.ProcessEnv,
  tell: (line: string) => void,
): Promise<void> {
  const gitHub = gitHubOf(env);
  const pull = await pullRequestOf(env, gitHub);
  if (pull === null) {
    tell('no comment: the pull request is closed, or has a newer commit');
    return;
  }
  const run = pull.runUrl === null ? '' : `; [all files are with the run](${pull.runUrl})`;
  const body = markedText(COMMENT_MARK, subjectsOrProblem(folders), `Measured at ${shownCommit(pull)}${run}.`);
  const path = `${gitHub.repository}/issues/${pull.number}/comments`;
  const all = await gitHub.list(path, commentSchema);
  const own = all.find((one) => one.body?.startsWith(COMMENT_MARK) && canBeOwn(one));
  const answer =
    own === undefined
      ? await gitHub.send('POST', path, { body })
      : await gitHub.send('PATCH', `${gitHub.repository}/issues/comments/${own.id}`, { body });
  tell(`${own === undefined ? 'commented' : 'updated the comment'}: ${answered(commentSchema, answer, path).html_url}`);
}
