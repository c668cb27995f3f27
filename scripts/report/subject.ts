import { EXIT_OK } from '../exit-codes';
import type { Comparison } from '../result/comparison';
import type { Full } from '../result/full';
import type { Problem } from '../result/problem';
import { REPORT_VERSION, type ReportDocument } from '../result/report';
import { VERDICTS, type Verdict, type VerdictWord } from '../result/verdict';
import { plural } from '../text/format';
import type { Suite } from './junit/suite';

/** Anything that ended in a verdict, as every form of a report needs it: a run, a comparison, a full suite. */
export interface Subject {
  readonly verdict: VerdictWord | Comparison['verdict'];
  readonly exitCode: number;
  /** What was judged, in a line. */
  readonly what: string;
  /** The verdict in a sentence. */
  readonly headline: string;
  /** Worst first, each a sentence for a person. */
  readonly reasons: readonly string[];
  /** What `--json` writes: the file form of its verdict. */
  readonly document: Verdict | Comparison | Full | Problem;
  /** The whole report; its chapters begin with `## `. */
  readonly markdown: string;
  /** The rows that must be seen without opening anything, worst first, as a Markdown table; empty when there are none. */
  readonly worst: string;
  suites(): Suite[];
}

/** What a folder holds. */
export interface Reported extends Subject {
  /** The page with plots, drawn when it is asked for. */
  page(): string;
}

/** Several verdicts as one: that of the worst. */
export interface Combined {
  readonly verdict: VerdictWord;
  readonly exitCode: number;
  /** How many there are of each verdict. */
  readonly headline: string;
  /** Worst first, else in their order. */
  readonly subjects: readonly Subject[];
}

/** The words of a comparison that fails nothing are a pass among other verdicts. */
const countsAs = ({ verdict }: Pick<Subject, 'verdict'>): VerdictWord =>
  verdict === 'IMPROVED' || verdict === 'NO CHANGE' ? 'PASS' : verdict;

/** @param subjects one at least. */
export function combine(subjects: readonly Subject[]): Combined {
  const rank = (subject: Subject) => VERDICTS.indexOf(countsAs(subject));
  const sorted = [...subjects].sort((one, other) => rank(one) - rank(other));
  const words = [...new Set(sorted.map(({ verdict }) => verdict))];
  const counts = words.map((word) => `${sorted.filter(({ verdict }) => verdict === word).length} ${word}`);
  return {
    verdict: sorted[0] === undefined ? 'INVALID' : countsAs(sorted[0]),
    exitCode: sorted.find(({ exitCode }) => exitCode !== EXIT_OK)?.exitCode ?? EXIT_OK,
    headline: `${plural(sorted.length, 'verdict')}: ${counts.join(', ')}`,
    subjects: sorted,
  };
}

/** The one JSON document of a command: of a single verdict its own file form, of several one that holds them. */
export function documentOf(subjects: readonly Subject[]): Subject['document'] | ReportDocument {
  const [first, ...others] = subjects;
  if (first !== undefined && others.length === 0) return first.document;
  const { verdict, exitCode, headline, subjects: sorted } = combine(subjects);
  return {
    schema: 'fiml-perf/report',
    version: REPORT_VERSION,
    verdict,
    exitCode,
    headline,
    parts: sorted.map(({ what, document }) => ({ what, document })),
  };
}
