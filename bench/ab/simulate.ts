/**
 * How often `ab` would be right over many more trials than real time allows: simulated pairs, as noisy as those of the real
 * trials (`trials.ts`), put through the shipped analysis and its looks.
 *
 * Usage: node -r ./build/register.js bench/ab/simulate.ts [trials, 1000 when not given]
 */
import { join } from 'node:path';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { analyse, isDecided, type Look } from '../../scripts/ab/analyse';
import { alphaOfLook, looksOf } from '../../scripts/ab/looks';
import { worst } from '../../scripts/compare';
import { AB_VERSION, type Ab } from '../../scripts/result/ab';
import { writeTextAtomically } from '../../scripts/result/files';
import { root } from '../../scripts/root';
import { identity } from '../../scripts/run/identity';
import { mean, median, variance } from '../../scripts/statistics';
import { CONDITIONS, readTrials, type Trial, trialsTable } from './results';

const LONGEST_MS = 180_000;
const BLOCK_MS = 2000;
const SIGMA = 0.45;
const SEARCH_MS = 20;
/** One in twenty runs a query, most of whose time the server sleeps, whatever its service takes. */
const DSL_EVERY = 20;
const DSL_SLEEPS_MS = [100, 50, 150, 150, 150, 150, 150, 150, 200, 300, 300, 350, 350, 350, 350, 600];
/** Standard deviations of a block's difference from chance alone, per pair: of the mean, and of the P95 (both lognormal). */
const CHANCE = { typical: SIGMA * Math.SQRT2, p95: 0.95 * Math.SQRT2 } as const;
const Z95 = 1.645;

/** Spread between blocks beyond chance, on the logarithmic scale. */
interface Noise {
  readonly pairsPerBlock: number;
  /** Of a side's level in a block. */
  readonly level: number;
  /** Of the width of a side's tail in a block. */
  readonly tail: number;
}

/** What the blocks of real trials had beyond chance: the median over the trials. */
function noiseOf(trials: readonly Trial[]): Noise {
  const pairsPerBlock = median(trials.map(({ pairsPerSecond }) => (pairsPerSecond * BLOCK_MS) / 1000));
  const beyond = (id: string, chance: number) => {
    const spread = median(
      trials.map(({ measures, replicates }) => {
        const standardError = measures.find((measure) => measure.id === id)?.standardError ?? 0;
        return standardError * Math.sqrt(replicates);
      }),
    );
    return Math.sqrt(Math.max(0, spread ** 2 - chance ** 2 / pairsPerBlock) / 2);
  };
  const level = beyond('all.typical', CHANCE.typical);
  const tail = Math.sqrt(Math.max(0, beyond('all.p95', CHANCE.p95) ** 2 - level ** 2)) / (Z95 * SIGMA);
  return { pairsPerBlock: Math.round(pairsPerBlock), level, tail };
}

/** One trial, from its seed. */
function simulate(factor: number, noise: Noise, seed: number): { verdict: string; measuredMs: number } {
  const random = xoroshiro128plus(seed);
  const uniform = () => 1 - uniformFloat64(random);
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const ab: Ab = {
    schema: 'fiml-perf/ab',
    version: AB_VERSION,
    id: 'simulated',
    baselineUrl: '',
    candidateUrl: '',
    replicate: 'block',
    blockMs: BLOCK_MS,
    pairsPerSecond: (noise.pairsPerBlock * 1000) / BLOCK_MS,
    operations: ['search', 'dsl'],
    rounds: [{ startedAtMs: 0, samples: { side: [], operation: [], atMs: [], durationUs: [] }, failures: [] }],
  };
  const looks = looksOf(LONGEST_MS);
  const alpha = alphaOfLook(looks.length);
  let blocks = 0;
  let look: Look | null = null;
  let measuredMs = 0;
  for (const due of looks) {
    while (blocks * BLOCK_MS < due) addBlock(ab, blocks++, factor, noise, normal, uniform);
    look = analyse(ab, alpha);
    measuredMs = due;
    if (look !== null && isDecided(look)) break;
  }
  const gating = (look?.decisions ?? []).filter((_, at) => look?.measures[at]?.gating);
  return {
    verdict: worst(gating),
    measuredMs,
  };
}

function addBlock(
  ab: Ab,
  block: number,
  factor: number,
  noise: Noise,
  normal: () => number,
  uniform: () => number,
): void {
  const round = ab.rounds[0] as Ab['rounds'][number];
  for (const side of [0, 1]) {
    const level = noise.level * normal();
    const width = 1 + noise.tail * normal();
    for (let pair = 0; pair < noise.pairsPerBlock; pair++) {
      const deviate = normal();
      const isDsl = pair % DSL_EVERY === 0;
      const sleepMs = isDsl
        ? (DSL_SLEEPS_MS[Math.floor(uniform() * DSL_SLEEPS_MS.length) % DSL_SLEEPS_MS.length] ?? 0)
        : 0;
      const serviceMs = SEARCH_MS * (side === 1 ? factor : 1) * Math.exp(SIGMA * deviate * (deviate > 0 ? width : 1));
      round.samples.side.push(side);
      round.samples.operation.push(isDsl ? 1 : 0);
      round.samples.atMs.push(block * BLOCK_MS + Math.floor((pair / noise.pairsPerBlock) * BLOCK_MS));
      round.samples.durationUs.push(Math.max(1, Math.round((sleepMs + serviceMs) * Math.exp(level) * 1000)));
    }
    for (const second of [0, 1]) {
      round.failures.push({
        side,
        second: (block * BLOCK_MS) / 1000 + second,
        count: noise.pairsPerBlock / 2,
        failed: 0,
      });
    }
  }
}

/**
 * How far the estimates of a condition's real trials lay apart, beside what each said of its own precision: if they lay further
 * apart, two processes of one program would differ by more than blocks can show.
 */
function spreadInWords(trials: readonly Trial[], id: string): string {
  const estimates = trials.flatMap(({ measures }) => {
    const { change = null, standardError = 0 } = measures.find((measure) => measure.id === id) ?? {};
    return change === null ? [] : [{ difference: Math.log1p(change), standardError }];
  });
  const apart = Math.sqrt(variance(estimates.map(({ difference }) => difference)));
  const said = Math.sqrt(mean(estimates.map(({ standardError }) => standardError ** 2)));
  return `${id} ${(apart * 100).toFixed(2)} % apart, by their own standard errors ${(said * 100).toFixed(2)} %`;
}

function main(count: number): void {
  const trials = readTrials();
  const simulated: { condition: string; verdict: string; measuredMs: number }[] = [];
  const noises: string[] = [];
  for (const [condition, { factor, busy }] of Object.entries(CONDITIONS)) {
    const own = trials.filter((trial) => trial.condition === condition && trial.replicates > 0);
    // Of those that ended early since they were sure, the noise is less than usual: the others beside the same neighbour tell it.
    const telling = trials.filter((trial) => {
      const made = CONDITIONS[trial.condition];
      return made?.factor === 1 && made.busy === busy && trial.replicates > 0;
    });
    if (own.length < 2 || telling.length < 2) continue;
    const noise = noiseOf(telling);
    noises.push(
      `${condition}: ${noise.pairsPerBlock} pairs a block, level ${(noise.level * 100).toFixed(2)} %, tail ${(noise.tail * 100).toFixed(1)} %`,
      `  real estimates: ${['all.typical', 'all.p95'].map((id) => spreadInWords(own, id)).join('; ')}`,
    );
    for (let trial = 1; trial <= count; trial++) simulated.push({ condition, ...simulate(factor, noise, trial) });
    process.stderr.write(`${condition}: ${count} trials\n`);
  }
  const text = [
    `ab on ${count} simulated trials a condition, commit ${identity('').commit}`,
    'spread between blocks beyond chance, as in the real trials of two servers that are the same:',
    ...noises.map((line) => `  ${line}`),
    '',
    trialsTable(simulated),
  ].join('\n');
  writeTextAtomically(join(root, 'bench', 'results', 'ab-simulated.txt'), text);
  process.stdout.write(text);
}

main(Number(process.argv[2] ?? 1000));
