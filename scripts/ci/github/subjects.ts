import { UserError } from '../../errors';
import { problemOf, problemSubject } from '../../report/problem';
import { readSubjects } from '../../report/read';
import type { Subject } from '../../report/subject';

/**
 * What folders hold, a problem for one that cannot be read: a job that broke off must not look like one that passed.
 *
 * @param folders an empty one is that of a measurement that did not come to its end.
 */
export const subjectsOrProblem = (folders: readonly string[]): Subject[] =>
  folders.flatMap((folder): Subject[] => {
    if (folder === '') {
      return [problemSubject('the job', problemOf(['nothing was measured to its end: the log of the job says why']))];
    }
    try {
      return readSubjects([folder]);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return [problemSubject(folder, problemOf(error.message.split('\n')))];
    }
  });
