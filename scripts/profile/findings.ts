import type { Figure } from '../report/html/figure';
import type { FlameGraph } from './flame-graph';

/** What a mode found out: the summary, the console and the page show it, whatever the mode. */
export interface Findings {
  /** First word of the names of its files: `pyspy`, `cpu`, `cprofile`, `memory`. */
  readonly kind: string;
  /** The mode's own verdict; `PROFILE` where it judges nothing, `INVALID` where it saw nothing. */
  readonly verdict: string;
  readonly exitCode: number;
  /** In a sentence without its full stop. */
  readonly headline: string;
  /** What was looked at, how and when, a line each. */
  readonly about: readonly string[];
  /** A few figures for the first look. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** What limits what it tells, a sentence each. */
  readonly notes: readonly string[];
  readonly tables: readonly FindingsTable[];
  /** Drawings for the page, as they stand in a report. */
  readonly figures: readonly Figure[];
  readonly flameGraph: FlameGraph | null;
}

export interface FindingsTable {
  readonly title: string;
  /** How to read it; empty where the heads say it. */
  readonly hint: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns, from 0, that hold figures. */
  readonly right: readonly number[];
}
