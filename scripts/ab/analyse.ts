import { type Decision, decide, type Oriented } from '../compare/decide';
import { pairedEstimate, trimmedEstimate } from '../compare/estimate';
import type { Ab } from '../result/ab';
import { AB_ALPHA, AB_EQUALITY_ALPHA, AB_LIMITS } from './looks';

/** One measure of a look, turned so that more is worse. */
export interface PairMeasure extends Oriented {
  readonly id: string;
  readonly title: string;
  readonly gating: boolean;
  readonly unit: 'ms' | 'share';
  readonly baseline: number;
  readonly candidate: number;
  readonly samples: number;
}

export interface Look {
  readonly measures: readonly PairMeasure[];
  readonly decisions: readonly Decision[];
  readonly replicates: number;
}

/** Fewer independent observations say nothing of how far they differ. */
export const FEWEST_REPLICATES = 5;
/** From so many on it can be told whether neighbours resemble each other. */
const CORRELATION_FROM = 20;
const MOST_CORRELATION = 0.2;
const P95 = 0.95;
/** Shares of failures count as equal within half a point, and a rise of less than a tenth of a point is nobody's. */
const SHARE_MARGIN = 0.005;
const SHARE_FLOOR = 0.001;
const CASES_FLOOR = 5;

/** The samples of one side: the latency's logarithm above its operation's median, and the replicate it belongs to. */
interface Side {
  readonly relative: Float64Array;
  readonly replicate: Int32Array;
  readonly operation: Int32Array;
  readonly logs: Float64Array;
}

/**
 * What is known of two servers from their pairs so far.
 *
 * Both are asked the same, so latencies are taken relative to their operation's median over both sides: one operation that
 * takes a hundred times longer would otherwise be all that a mean or a percentile shows. The typical latency is the
 * geometric mean. Differences are taken within replicates and averaged over them, the tenth at either end left out: one
 * stall of the machine must not decide. The replicate is the unit, never the request.
 *
 * @param alpha of this look.
 * @returns null while there are too few replicates.
 */
export function analyse(ab: Ab, alpha: number): Look | null {
  const replicateOf = replicates(ab);
  const sides = [0, 1].map((side) => sideOf(ab, side, replicateOf)) as [Side, Side];
  center(sides);
  const blocks = shared(sides);
  if (blocks.length < FEWEST_REPLICATES) return null;
  const measures = [
    typical('all', 'All requests, typical latency', sides, blocks, true),
    tail(sides, blocks),
    ...failures(ab, replicateOf),
    ...ab.operations.map((name, at) =>
      typical(name, `${name}, typical latency`, sides.map((side) => only(side, at)) as [Side, Side], blocks, false),
    ),
  ].filter((measure) => measure !== null);
  const decided = new Map<PairMeasure, Decision>();
  for (const gating of [true, false]) {
    const family = measures.filter((measure) => measure.gating === gating);
    decide(family, alpha, gating ? 'holm' : 'bh', (alpha * AB_EQUALITY_ALPHA) / AB_ALPHA).forEach((decision, at) => {
      decided.set(family[at] as PairMeasure, decision);
    });
  }
  return {
    measures,
    decisions: measures.map((measure) => decided.get(measure) as Decision),
    replicates: blocks.length,
  };
}

/** Whether nothing more needs to be measured: something that gates got worse, or all of it is known to be equal or better. */
export function isDecided({ measures, decisions }: Look): boolean {
  const gating = decisions.filter((_, at) => measures[at]?.gating);
  return (
    gating.some(({ verdict }) => verdict === 'REGRESSED') || gating.every(({ verdict }) => verdict !== 'INCONCLUSIVE')
  );
}

/**
 * Which replicate a moment belongs to. Blocks that resemble their neighbours are no independent observations: then two are
 * taken as one.
 */
function replicates(ab: Ab): (round: number, atMs: number) => number {
  if (ab.replicate === 'restart') return (round) => round;
  const single = (_: number, atMs: number) => Math.floor(atMs / ab.blockMs);
  const sides = [0, 1].map((side) => sideOf(ab, side, single)) as [Side, Side];
  center(sides);
  const differences = differencesOf(sides, shared(sides));
  return differences.length >= CORRELATION_FROM && lagOne(differences) > MOST_CORRELATION
    ? (_, atMs) => Math.floor(atMs / (2 * ab.blockMs))
    : single;
}

function sideOf(ab: Ab, side: number, replicateOf: (round: number, atMs: number) => number): Side {
  const logs: number[] = [];
  const replicate: number[] = [];
  const operation: number[] = [];
  ab.rounds.forEach(({ samples }, round) => {
    samples.side.forEach((of, at) => {
      if (of !== side) return;
      logs.push(Math.log((samples.durationUs[at] as number) / 1000));
      replicate.push(replicateOf(round, samples.atMs[at] as number));
      operation.push(samples.operation[at] as number);
    });
  });
  return {
    logs: Float64Array.from(logs),
    relative: Float64Array.from(logs),
    replicate: Int32Array.from(replicate),
    operation: Int32Array.from(operation),
  };
}

/** Takes each operation's median over both sides from its logarithms. */
function center(sides: readonly Side[]): void {
  const byOperation = new Map<number, number[]>();
  for (const { logs, operation } of sides) {
    logs.forEach((log, at) => {
      const known = byOperation.get(operation[at] as number);
      if (known === undefined) byOperation.set(operation[at] as number, [log]);
      else known.push(log);
    });
  }
  const medians = new Map([...byOperation].map(([operation, logs]) => [operation, medianOf(Float64Array.from(logs))]));
  for (const { relative, operation } of sides) {
    relative.forEach((log, at) => {
      relative[at] = log - (medians.get(operation[at] as number) as number);
    });
  }
}

const only = (side: Side, wanted: number): Side => {
  const kept = [...side.operation.keys()].filter((at) => side.operation[at] === wanted);
  const pick = (values: Float64Array) => Float64Array.from(kept, (at) => values[at] as number);
  const pickInt = (values: Int32Array) => Int32Array.from(kept, (at) => values[at] as number);
  return {
    logs: pick(side.logs),
    relative: pick(side.relative),
    replicate: pickInt(side.replicate),
    operation: pickInt(side.operation),
  };
};

/** Replicates in which both sides answered. */
function shared([a, b]: readonly [Side, Side]): number[] {
  const inB = new Set(b.replicate);
  return [...new Set(a.replicate)].filter((replicate) => inB.has(replicate)).sort((x, y) => x - y);
}

/** Candidate minus baseline of each replicate's mean. */
function differencesOf([a, b]: readonly [Side, Side], blocks: readonly number[]): number[] {
  const [ofA, ofB] = [meansOf(a), meansOf(b)];
  return blocks.flatMap((block) => {
    const [before, after] = [ofA.get(block), ofB.get(block)];
    return before === undefined || after === undefined ? [] : [after - before];
  });
}

function meansOf({ relative, replicate }: Side): Map<number, number> {
  const sums = new Map<number, { sum: number; count: number }>();
  relative.forEach((value, at) => {
    const known = sums.get(replicate[at] as number) ?? { sum: 0, count: 0 };
    sums.set(replicate[at] as number, { sum: known.sum + value, count: known.count + 1 });
  });
  return new Map([...sums].map(([block, { sum, count }]) => [block, sum / count]));
}

const latency = { smallestRelevant: Math.log1p(AB_LIMITS.smallestRelevant), margin: Math.log1p(AB_LIMITS.margin) };

function typical(
  id: string,
  title: string,
  sides: readonly [Side, Side],
  blocks: readonly number[],
  gating: boolean,
): PairMeasure | null {
  const differences = differencesOf(sides, blocks);
  if (differences.length < FEWEST_REPLICATES) return null;
  const geometric = ({ logs }: Side) => Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
  return {
    id: `${id}.typical`,
    title,
    gating,
    unit: 'ms',
    baseline: geometric(sides[0]),
    candidate: geometric(sides[1]),
    samples: sides[0].logs.length + sides[1].logs.length,
    estimate: trimmedEstimate(differences),
    aboveFloor: true,
    ...latency,
  };
}

/**
 * The P95 of each replicate, side by side, rather than of all samples: where the machine stalls for a second, the slowest
 * twentieth of both sides lies in that second, and only beside each other do they cancel.
 */
function tail(sides: readonly [Side, Side], blocks: readonly number[]): PairMeasure {
  const [ofBaseline, ofCandidate] = [p95Of(sides[0]), p95Of(sides[1])];
  const differences = blocks.map((block) => (ofCandidate.get(block) as number) - (ofBaseline.get(block) as number));
  const average = (values: Map<number, number>) =>
    blocks.reduce((sum, block) => sum + (values.get(block) as number), 0) / blocks.length;
  // Relative to their operation; times what an operation typically takes they are milliseconds again.
  const operationMs =
    meanOf(sides.flatMap(({ logs }) => [...logs])) - meanOf(sides.flatMap(({ relative }) => [...relative]));
  return {
    id: 'all.p95',
    title: 'All requests, P95',
    gating: true,
    unit: 'ms',
    baseline: Math.exp(operationMs + average(ofBaseline)),
    candidate: Math.exp(operationMs + average(ofCandidate)),
    samples: sides[0].logs.length + sides[1].logs.length,
    estimate: trimmedEstimate(differences),
    aboveFloor: true,
    ...latency,
  };
}

function p95Of({ relative, replicate }: Side): Map<number, number> {
  const byBlock = new Map<number, number[]>();
  relative.forEach((value, at) => {
    const known = byBlock.get(replicate[at] as number);
    if (known === undefined) byBlock.set(replicate[at] as number, [value]);
    else known.push(value);
  });
  return new Map([...byBlock].map(([block, values]) => [block, quantile(Float64Array.from(values).sort(), P95)]));
}

interface Tally {
  count: number;
  failed: number;
}

const noTally = (): [Tally, Tally] => [
  { count: 0, failed: 0 },
  { count: 0, failed: 0 },
];

function failures(ab: Ab, replicateOf: (round: number, atMs: number) => number): PairMeasure[] {
  const counts = new Map<number, [Tally, Tally]>();
  const totals = noTally();
  ab.rounds.forEach((round, index) => {
    for (const { side, second, count, failed } of round.failures) {
      const block = replicateOf(index, second * 1000);
      const known = counts.get(block) ?? noTally();
      counts.set(block, known);
      for (const into of [known[side as 0 | 1], totals[side as 0 | 1]]) {
        into.count += count;
        into.failed += failed;
      }
    }
  });
  const both = [...counts.values()].filter(([a, b]) => a.count > 0 && b.count > 0);
  if (both.length < FEWEST_REPLICATES) return [];
  const share = ({ count, failed }: Tally) => failed / count;
  const [baseline, candidate] = [share(totals[0]), share(totals[1])];
  return [
    {
      id: 'all.failures',
      title: 'All requests, share of failures',
      gating: true,
      unit: 'share',
      baseline,
      candidate,
      samples: totals[0].count + totals[1].count,
      estimate: pairedEstimate(both.map(([a, b]) => share(b) - share(a))),
      aboveFloor:
        Math.abs(candidate - baseline) >= SHARE_FLOOR && Math.abs(totals[1].failed - totals[0].failed) >= CASES_FLOOR,
      smallestRelevant: 0,
      margin: SHARE_MARGIN,
    },
  ];
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function lagOne(values: readonly number[]): number {
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviations = values.map((value) => value - centre);
  const power = deviations.reduce((sum, value) => sum + value * value, 0);
  const product = deviations.slice(1).reduce((sum, value, at) => sum + value * (deviations[at] as number), 0);
  return power === 0 ? 0 : product / power;
}

const medianOf = (values: Float64Array): number => quantile(values.sort(), 0.5);

function quantile(ascending: Float64Array, q: number): number {
  const position = q * (ascending.length - 1);
  const low = ascending[Math.floor(position)] as number;
  const high = ascending[Math.ceil(position)] as number;
  return low + (high - low) * (position - Math.floor(position));
}
