import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { AB_VERSION, type Ab } from '../../scripts/result/ab';

/** What pairs of two servers look like. */
export interface PairsOf {
  readonly seconds: number;
  readonly perSecond: number;
  /** Service times of the candidate as a multiple of the baseline's. */
  readonly factor?: number;
  readonly sigma?: number;
  readonly failed?: readonly [number, number];
  readonly seed?: number;
  /** Multiplies both sides' latencies in a second. */
  readonly disturbance?: (second: number) => number;
}

/** Operations of a search, some of which take far longer than others. */
const MEDIANS_MS = [20, 22, 350];

/** A generator of normal deviates (Box and Muller). */
export function normals(seed: number): () => number {
  const random = xoroshiro128plus(seed);
  const uniform = () => 1 - uniformFloat64(random);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Pairs as k6 would have recorded them, drawn from a seed. */
export function pairsOf({
  seconds,
  perSecond,
  factor = 1,
  sigma = 0.45,
  failed = [0, 0],
  seed = 1,
  disturbance = () => 1,
}: PairsOf): Ab {
  const normal = normals(seed);
  const samples: Ab['rounds'][number]['samples'] = { side: [], operation: [], atMs: [], durationUs: [] };
  const failures: Ab['rounds'][number]['failures'] = [];
  for (let second = 0; second < seconds; second++) {
    for (let pair = 0; pair < perSecond; pair++) {
      const operation = pair % 20 === 0 ? 2 : pair % 2;
      for (const side of [0, 1]) {
        samples.side.push(side);
        samples.operation.push(operation);
        samples.atMs.push(second * 1000 + Math.floor((pair / perSecond) * 1000));
        const slower = side === 1 ? factor : 1;
        const ms = (MEDIANS_MS[operation] as number) * slower * disturbance(second) * Math.exp(sigma * normal());
        samples.durationUs.push(Math.max(1, Math.round(ms * 1000)));
      }
    }
    for (const side of [0, 1]) {
      failures.push({ side, second, count: perSecond, failed: Math.round(perSecond * (failed[side] ?? 0)) });
    }
  }
  return {
    schema: 'fiml-perf/ab',
    version: AB_VERSION,
    id: 'pairs',
    baselineUrl: 'http://a',
    candidateUrl: 'http://b',
    replicate: 'block',
    blockMs: 2000,
    pairsPerSecond: perSecond,
    operations: ['search-quick', 'coin-quick', 'dsl-sync'],
    rounds: [{ startedAtMs: 0, samples, failures }],
  };
}
