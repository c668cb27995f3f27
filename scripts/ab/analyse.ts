import { type Decision, decide, type Oriented, SHARE_LIMITS } from '../compare/decide';
import { pairedEstimate, trimmedEstimate } from '../compare/estimate';
import type { Ab } from '../result/ab';
import { mean, median, quantile, squares } from '../statistics';
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
  /** Error rate of this look, which is also that of its intervals. */
  readonly alpha: number;
}

/** Fewer independent observations say nothing of how far they differ. */
export const FEWEST_REPLICATES = 5;
/** From so many on it can be told whether neighbours resemble each other. */
const CORRELATION_FROM = 20;
const MOST_CORRELATION = 0.2;
const P95 = 0.95;

/** The samples of one side: the latency's logarithm, the same above its operation's median, and the replicate of each. */
interface Side {
  readonly logs: Float64Array;
  readonly relative: Float64Array;
  readonly replicate: Int32Array;
  readonly operation: Int32Array;
}
type Sides = readonly [Side, Side];

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
  const single: Sides = [sideOf(ab, 0), sideOf(ab, 1)];
  center(single);
  const width = blocksPerReplicate(ab, single);
  const sides: Sides = [widened(single[0], width), widened(single[1], width)];
  const blocks = shared(sides);
  if (blocks.length < FEWEST_REPLICATES) return null;
  const measures = [
    typical('all', 'All requests, typical latency', sides, blocks, true),
    tail(sides, blocks),
    ...failures(ab, width),
    ...ab.operations.map((name, at) =>
      typical(name, `${name}, typical latency`, [only(sides[0], at), only(sides[1], at)], blocks, false),
    ),
  ].filter((measure) => measure !== null);
  const decided = new Map<PairMeasure, Decision>();
  for (const gating of [true, false]) {
    const family = measures.filter((measure) => measure.gating === gating);
    const rates = { alpha, equalityAlpha: (alpha * AB_EQUALITY_ALPHA) / AB_ALPHA };
    decide(family, rates, gating ? 'holm' : 'bh').forEach((decision, at) => {
      decided.set(family[at] as PairMeasure, decision);
    });
  }
  return {
    measures,
    decisions: measures.map((measure) => decided.get(measure) as Decision),
    replicates: blocks.length,
    alpha,
  };
}

/** Whether nothing more needs to be measured: something that gates got worse, or all of it is known to be equal or better. */
export function isDecided({ measures, decisions }: Look): boolean {
  const gating = decisions.filter((_, at) => measures[at]?.gating);
  return (
    gating.some(({ verdict }) => verdict === 'REGRESSED') || gating.every(({ verdict }) => verdict !== 'INCONCLUSIVE')
  );
}

/** Blocks that resemble their neighbours are no independent observations: then two are taken as one. */
function blocksPerReplicate(ab: Ab, single: Sides): 1 | 2 {
  if (ab.replicate === 'restart') return 1;
  const differences = differencesOf(single, shared(single));
  return differences.length >= CORRELATION_FROM && lagOne(differences) > MOST_CORRELATION ? 2 : 1;
}

/** The replicate that a moment belongs to, before any are taken together. */
const blockOf = (ab: Ab, round: number, atMs: number): number =>
  ab.replicate === 'restart' ? round : Math.floor(atMs / ab.blockMs);

const widened = (side: Side, width: number): Side =>
  width === 1 ? side : { ...side, replicate: side.replicate.map((block) => Math.floor(block / width)) };

function sideOf(ab: Ab, side: number): Side {
  const logs: number[] = [];
  const replicate: number[] = [];
  const operation: number[] = [];
  ab.rounds.forEach(({ samples }, round) => {
    samples.side.forEach((of, at) => {
      if (of !== side) return;
      logs.push(Math.log((samples.durationUs[at] as number) / 1000));
      replicate.push(blockOf(ab, round, samples.atMs[at] as number));
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
function center(sides: Sides): void {
  const byOperation = new Map<number, number[]>();
  for (const { logs, operation } of sides) {
    logs.forEach((log, at) => {
      const known = byOperation.get(operation[at] as number);
      if (known === undefined) byOperation.set(operation[at] as number, [log]);
      else known.push(log);
    });
  }
  const medians = new Map([...byOperation].map(([operation, logs]) => [operation, median(logs)]));
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
function shared([a, b]: Sides): number[] {
  const inB = new Set(b.replicate);
  return [...new Set(a.replicate)].filter((replicate) => inB.has(replicate)).sort((x, y) => x - y);
}

/** Candidate minus baseline of each replicate's mean. */
function differencesOf([a, b]: Sides, blocks: readonly number[]): number[] {
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
  sides: Sides,
  blocks: readonly number[],
  gating: boolean,
): PairMeasure | null {
  const differences = differencesOf(sides, blocks);
  if (differences.length < FEWEST_REPLICATES) return null;
  const geometric = ({ logs }: Side) => Math.exp(mean([...logs]));
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
function tail(sides: Sides, blocks: readonly number[]): PairMeasure {
  const [ofBaseline, ofCandidate] = [p95Of(sides[0]), p95Of(sides[1])];
  const differences = blocks.map((block) => (ofCandidate.get(block) as number) - (ofBaseline.get(block) as number));
  const average = (values: Map<number, number>) => mean(blocks.map((block) => values.get(block) as number));
  // Relative to their operation; times what an operation typically takes they are milliseconds again.
  const operationMs =
    mean(sides.flatMap(({ logs }) => [...logs])) - mean(sides.flatMap(({ relative }) => [...relative]));
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
  return new Map([...byBlock].map(([block, values]) => [block, quantile(values, P95)]));
}

interface Tally {
  count: number;
  failed: number;
}

const noTally = (): [Tally, Tally] => [
  { count: 0, failed: 0 },
  { count: 0, failed: 0 },
];

function failures(ab: Ab, width: number): PairMeasure[] {
  const counts = new Map<number, [Tally, Tally]>();
  const totals = noTally();
  ab.rounds.forEach((round, index) => {
    for (const { side, second, count, failed } of round.failures) {
      const block = Math.floor(blockOf(ab, index, second * 1000) / width);
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
        Math.abs(candidate - baseline) >= SHARE_LIMITS.floor &&
        Math.abs(totals[1].failed - totals[0].failed) >= SHARE_LIMITS.casesFloor,
      smallestRelevant: 0,
      margin: SHARE_LIMITS.margin,
    },
  ];
}

function lagOne(values: readonly number[]): number {
  const centre = mean(values);
  const deviations = values.map((value) => value - centre);
  const power = squares(values);
  const product = deviations.slice(1).reduce((sum, value, at) => sum + value * (deviations[at] as number), 0);
  return power === 0 ? 0 : product / power;
}
