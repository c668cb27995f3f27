import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonAtomically } from '../../scripts/result/files';
import type { Measure } from '../../scripts/result/observation';
import { transformed } from '../../scripts/result/scale';
import { type Effort, REGIMES } from './cells';
import { GRID_CELLS, type Shape, simulateFailures, simulateRun } from './simulate';

/**
 * Simulated runs, made once and drawn from by every cell: a run takes 40 ms to simulate and to measure, and a repetition
 * needs up to thirty. Within a cell no run comes a second time before all others of the pool did.
 */
export interface PooledRun {
  /** By id: what decides, and what the other methods of comparison look at. */
  readonly measures: Readonly<Record<string, Pooled>>;
  readonly grid: Uint8Array | null;
}

export interface Pooled {
  readonly measure: Measure;
  /** The value on the scale on which differences add up. */
  readonly y: number;
}

/** Some runs of one pool, small enough to be made anew when a calibration is interrupted. */
export interface Part {
  readonly pool: string;
  readonly from: number;
  readonly to: number;
}

const PART = 100;
/** The measure of which the method's tables speak; it is compared all alone too, so that no family makes its test stricter. */
export const P95 = 'price.p95';
/** What the guide compares; it decides nothing here. */
export const MEAN = 'price.mean';

export const poolOfRuns = (shape: Shape): string => `runs, ${shape}`;
export const poolOfFailures = (spread: number, factor: number): string => `failures, ${spread} × ${factor}`;

const SHAPES: readonly Shape[] = ['as ever', 'slow tenth', 'slow twentieth', 'two humps'];
/** Failures double where runs differ as much as in R1. */
const FAILURES: readonly (readonly [spread: number, factor: number])[] = [
  ...[...new Set(REGIMES.map(({ failureSd }) => failureSd))].map((spread) => [spread, 1] as const),
  [0.1, 2],
];

export function partsOf({ pool, poolChanged, poolFailures }: Effort): Part[] {
  const sizes = new Map<string, number>();
  for (const shape of SHAPES) sizes.set(poolOfRuns(shape), shape === 'as ever' ? pool : poolChanged);
  for (const [spread, factor] of FAILURES) sizes.set(poolOfFailures(spread, factor), poolFailures);
  return [...sizes].flatMap(([name, size]) =>
    Array.from({ length: Math.ceil(size / PART) }, (_, at) => ({
      pool: name,
      from: at * PART,
      to: Math.min(size, (at + 1) * PART),
    })),
  );
}

interface Stored {
  readonly measures: readonly Measure[];
  readonly grid: string | null;
}

const fileOf = (folder: string, { pool, from, to }: Part): string =>
  join(folder, `${pool.replace(/[^a-z0-9.]+/g, '-')}-${from}-${to}.json`);

export const isMade = (folder: string, part: Part): boolean => existsSync(fileOf(folder, part));

/** Simulates a part and writes it to its file. What it holds follows from the names of the runs alone. */
export function makePart(folder: string, part: Part): void {
  const runs: Stored[] = [];
  for (let at = part.from; at < part.to; at++) runs.push(make(part.pool, at));
  writeJsonAtomically(fileOf(folder, part), runs);
}

function make(pool: string, at: number): Stored {
  for (const shape of SHAPES) {
    if (poolOfRuns(shape) !== pool) continue;
    const { measures, grid } = simulateRun(`${pool} ${at}`, shape);
    const kept = measures.filter(({ id, gating }) => gating || id === MEAN);
    return { measures: kept, grid: packed(grid) };
  }
  for (const [spread, factor] of FAILURES) {
    if (poolOfFailures(spread, factor) !== pool) continue;
    return { measures: [simulateFailures(`${pool} ${at}`, spread, factor)], grid: null };
  }
  throw new Error(`there is no pool called ${pool}`);
}

const packed = (grid: Uint8Array): string => Buffer.from(grid).toString('base64');

export type Pools = ReadonlyMap<string, readonly PooledRun[]>;

/** Reads all parts, which must have been made. */
export function readPools(folder: string, parts: readonly Part[]): Pools {
  const pools = new Map<string, PooledRun[]>();
  for (const part of parts) {
    const stored: Stored[] = JSON.parse(readFileSync(fileOf(folder, part), 'utf8'));
    const runs = pools.get(part.pool) ?? [];
    pools.set(part.pool, runs);
    runs.push(...stored.map(pooled));
  }
  return pools;
}

function pooled({ measures, grid }: Stored): PooledRun {
  return {
    measures: Object.fromEntries(
      measures.map((measure) => [measure.id, { measure, y: transformed(measure.value ?? Number.NaN, measure.scale) }]),
    ),
    grid: grid === null ? null : unpacked(grid),
  };
}

function unpacked(text: string): Uint8Array {
  const grid = new Uint8Array(GRID_CELLS);
  grid.set(Buffer.from(text, 'base64'));
  return grid;
}
