/** A suite of test cases, as the test tab of a CI shows a verdict. */
export interface Suite {
  readonly name: string;
  /** Epoch ms; null when it is not known. */
  readonly startedAtMs: number | null;
  /** Null when it is not known. */
  readonly durationS: number | null;
  /** What it was measured on. */
  readonly properties: readonly (readonly [name: string, value: string])[];
  readonly cases: readonly Case[];
}

export interface Case {
  /** `verdict`, `targets`, `checks`, … */
  readonly group: string;
  readonly name: string;
  readonly outcome: Outcome;
  /** Figures and reason, in a line. */
  readonly detail: string;
}

/**
 * A failure is something about the server, an error one about the measurement: what cannot be judged must not look like a
 * pass. Skipped is what decides nothing: no baseline, not measurable here, undecided.
 */
export type Outcome = 'passed' | 'failure' | 'error' | 'skipped';

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  FAIL: 'failure',
  REGRESSED: 'failure',
  INVALID: 'error',
  PASS: 'passed',
  IMPROVED: 'passed',
  'NO CHANGE': 'passed',
};

/** Every other word (WARN, INFO, INCONCLUSIVE, NO BASELINE, NOT RUN) claims nothing. */
export const outcomeOf = (verdict: string): Outcome => OUTCOMES[verdict] ?? 'skipped';

interface Judged {
  readonly verdict: string;
  readonly exitCode: number;
  readonly headline: string;
  readonly reasons: readonly string[];
}

/** The verdict itself as a case, so that a suite is red exactly when the command's exit code is not 0. */
export function verdictCase({ verdict, exitCode, headline, reasons }: Judged, name = 'verdict'): Case {
  const ofWord = outcomeOf(verdict);
  const fails = ofWord === 'failure' || ofWord === 'error';
  return {
    group: 'verdict',
    name,
    outcome: exitCode === 0 || fails ? ofWord : 'failure',
    detail: [`${verdict}: ${headline}`, ...reasons].join('; '),
  };
}
