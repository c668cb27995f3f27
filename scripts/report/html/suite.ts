import { page, splitReasons, toneOf } from './page';

/** Several runs under one verdict. */
export interface Suite {
  readonly title: string;
  readonly verdict: string;
  readonly headline: string;
  readonly about: readonly string[];
  /** The worst first. */
  readonly parts: readonly SuitePart[];
}

export interface SuitePart {
  readonly name: string;
  readonly verdict: string;
  readonly headline: string;
  readonly reasons: readonly string[];
  /** Of its own page, beside this one; null where it has none. */
  readonly href: string | null;
  /** How long it took; a dash where it was not run. */
  readonly took: string;
}

const MEANINGS: Readonly<Record<string, string>> = {
  PASS: 'All parts hold',
  'NO BASELINE': 'All parts hold; some have nothing to be compared with',
  WARN: 'What is required holds, but not everything does or could be run',
  INCONCLUSIVE: 'Nothing failed, but not everything could be told',
  INVALID: 'Parts of this cannot tell whether the server meets its targets',
  REGRESSED: 'The server got slower, or fails more, than before',
  FAIL: 'The server misses targets',
};

/** Several runs as one page, that links those of the runs. */
export function suiteHtml({ title, verdict, headline, about, parts }: Suite): string {
  // What was not run is no reason for a failure.
  const bad = parts.filter((part) => !['PASS', 'NOT RUN'].includes(part.verdict) && part.reasons.length > 0);
  return page(
    'suite',
    {
      title: `${verdict}: ${title}`,
      verdict,
      meaning: MEANINGS[verdict] ?? '',
      headline,
      story: [],
      about,
      reasonsTitle: 'Why',
      ...splitReasons(bad.flatMap((part) => part.reasons.map((reason) => `${part.name}: ${reason}`))),
      next: '',
      facts: [],
    },
    { parts: parts.map((part) => ({ ...part, tone: toneOf(part.verdict) })) },
  );
}
