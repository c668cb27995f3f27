import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/root';
import { table } from '../../scripts/text/table';
import { wilson } from '../calibrate/wilson';

/** Two servers with a known difference, beside a neighbour or not. */
export interface Condition {
  /** Service times of the candidate, as a multiple of the baseline's. */
  readonly factor: number;
  /** Whether another process burns a core half of the time. */
  readonly busy: boolean;
}

export const CONDITIONS: Readonly<Record<string, Condition>> = {
  unchanged: { factor: 1, busy: false },
  'slower by 5 %': { factor: 1.05, busy: false },
  'unchanged, busy machine': { factor: 1, busy: true },
  'slower by 5 %, busy machine': { factor: 1.05, busy: true },
  'slower by 3 %': { factor: 1.03, busy: false },
};

export const TRIALS_FILE = join(root, 'bench', 'results', 'ab-trials.jsonl');

export interface Trial {
  readonly condition: string;
  readonly trial: number;
  readonly commit: string | null;
  readonly at: string;
  readonly verdict: string;
  readonly measuredMs: number;
  readonly pairsPerSecond: number;
  readonly replicates: number;
  /** Of the machine at the trial's end: what else was running. */
  readonly loadAverage: number;
  readonly flaws: readonly string[];
  readonly measures: readonly {
    readonly id: string;
    readonly verdict: string;
    readonly change: number | null;
    readonly low: number | null;
    readonly high: number | null;
    readonly standardError: number;
  }[];
}

/** The trials that are made; none before the first. */
export const readTrials = (): Trial[] =>
  existsSync(TRIALS_FILE)
    ? readFileSync(TRIALS_FILE, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Trial)
    : [];

const WORDS = ['REGRESSED', 'NO CHANGE', 'IMPROVED', 'INCONCLUSIVE', 'INVALID'];

/** One line a condition: how often each word was said, and after how long. */
export function trialsTable(trials: readonly Pick<Trial, 'condition' | 'verdict' | 'measuredMs'>[]): string {
  const rows = [...new Set(trials.map(({ condition }) => condition))].map((condition) => {
    const own = trials.filter((trial) => trial.condition === condition);
    const times = own.map(({ measuredMs }) => measuredMs / 1000).sort((a, b) => a - b);
    const regressed = own.filter(({ verdict }) => verdict === 'REGRESSED').length;
    const { low, high } = wilson(regressed, own.length);
    return [
      condition,
      String(own.length),
      ...WORDS.map((word) => String(own.filter(({ verdict }) => verdict === word).length)),
      `${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)} %`,
      `${times[Math.floor(times.length / 2)]?.toFixed(0)} s`,
      `${times.at(-1)?.toFixed(0)} s`,
    ];
  });
  const head = ['condition', 'trials', ...WORDS, 'REGRESSED, 95 %', 'median time', 'longest'];
  return `${table(head, rows, [1, 2, 3, 4, 5, 6, 7, 8, 9])}\n`;
}
