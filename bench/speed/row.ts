/** How thoroughly a bench measures: `short` proves on small inputs that it works, and its figures mean nothing. */
export type Size = 'full' | 'short';

/** One line of the table of `make bench`: what something costs beside what it is compared to, both measured in this run. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly measured: number;
  /** Null where the target is a figure of its own and no ratio. */
  readonly baseline: { readonly name: string; readonly measured: number } | null;
  /** Of the ratio `measured / baseline`, or of what was measured where there is no baseline. */
  readonly target: { readonly atMost: number } | { readonly atLeast: number };
}

/** A line whose figure could not be had, such as one that takes a program which is not installed. */
export interface Unmeasured {
  readonly what: string;
  /** Why, and what would make it measurable. */
  readonly notMeasured: string;
}

/** A group of rows that are measured together. */
export type Bench = (size: Size) => Promise<readonly (Row | Unmeasured)[]>;

/** What the target is about. */
export const figureOf = ({ measured, baseline }: Row): number =>
  baseline === null ? measured : measured / baseline.measured;

export const meetsTarget = (row: Row): boolean =>
  'atMost' in row.target ? figureOf(row) <= row.target.atMost : figureOf(row) >= row.target.atLeast;
