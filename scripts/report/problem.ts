import { EXIT_USAGE } from '../exit-codes';
import type { Problem } from '../result/problem';
import { plural } from '../text/format';
import { markdown } from './escape';
import { verdictCase } from './junit/suite';
import type { Subject } from './subject';

/** @param reasons one at least. @param exitCode of a command that ends with it. */
export const problemOf = (reasons: readonly string[], exitCode = EXIT_USAGE): Problem => ({
  schema: 'fiml-perf/problem',
  version: 1,
  verdict: 'INVALID',
  exitCode,
  reasons: [...reasons],
});

/**
 * What could not be measured, as every form of a report needs it: INVALID, since nobody knows.
 *
 * @param what was to be measured.
 */
export function problemSubject(what: string, problem: Problem): Subject {
  const { exitCode, reasons } = problem;
  const judged = {
    verdict: 'INVALID',
    exitCode,
    headline: `not measured: ${plural(reasons.length, 'problem')}`,
  } as const;
  return {
    ...judged,
    what,
    reasons,
    document: problem,
    markdown: [
      `# INVALID: ${markdown(what)}`,
      '',
      '## Why there is no verdict',
      '',
      ...reasons.map((reason) => `- ${markdown(reason)}`),
      '',
    ].join('\n'),
    worst: '',
    suites: () => [
      { name: what, startedAtMs: null, durationS: null, properties: [], cases: [verdictCase({ ...judged, reasons })] },
    ],
  };
}
