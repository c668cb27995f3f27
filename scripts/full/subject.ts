import { join } from 'node:path';
import { UserError } from '../errors';
import { markdown, markdownTable } from '../report/escape';
import { suiteOfRun } from '../report/junit/run';
import { type Suite, verdictCase } from '../report/junit/suite';
import type { Subject } from '../report/subject';
import { readRun } from '../result/evidence';
import { readJson } from '../result/files';
import type { Full, FullPart } from '../result/full';
import { verdictSchema } from '../result/verdict';
import { nameText } from '../text/printable';
import { worstFirst } from './combine';
import { fullMarkdown } from './text';

/**
 * A full suite as every form of a report needs it.
 *
 * @param folder of the suite, where its parts have theirs.
 */
export function fullSubject(full: Full, folder: string): Subject {
  const parts = worstFirst(full.parts);
  return {
    verdict: full.verdict,
    exitCode: full.exitCode,
    what: 'full performance suite',
    headline: full.headline,
    reasons: parts
      .filter(({ countsAs }) => countsAs !== 'PASS')
      .map(({ name, verdict, headline, reasons }) => `${name}: ${verdict}, ${reasons[0] ?? headline}`),
    document: full,
    markdown: fullMarkdown(full),
    worst: markdownTable(
      ['Part', 'Verdict', ''],
      parts.map(({ name, verdict, headline }) => [markdown(nameText(name)), verdict, markdown(headline)]),
      [],
    ),
    suites: () => [suiteOfParts(full), ...full.parts.flatMap((part) => suiteOfPart(part, folder))],
  };
}

/** The suite's verdict, and that of each part: one that was not run has no more than this. */
const suiteOfParts = (full: Full): Suite => ({
  name: 'full',
  startedAtMs: Date.parse(full.createdAt),
  durationS: full.durationMs / 1000,
  properties: [['suite', full.id]],
  cases: [
    verdictCase({ ...full, reasons: [] }),
    ...full.parts.map((part) => ({
      ...verdictCase({ ...part, verdict: part.verdict === 'NOT RUN' ? part.countsAs : part.verdict }, part.name),
      group: 'parts',
    })),
  ],
});

function suiteOfPart(part: FullPart, folder: string): Suite[] {
  if (part.folder === null) return [];
  const own = join(folder, part.folder);
  const name = `full.${part.name}`;
  try {
    const verdict = readJson(join(own, 'verdict.json'), verdictSchema, "the part's verdict");
    return [suiteOfRun(name, readRun(own), verdict, part.headline)];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // The part's own line is there; its targets must not be missing without a word.
    const unread = { group: 'verdict', name: 'files of the part', outcome: 'error', detail: error.message } as const;
    return [{ name, startedAtMs: null, durationS: null, properties: [], cases: [unread] }];
  }
}
