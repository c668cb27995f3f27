/**
 * How often the drift test is wrong: simulated series of 120 values, with and without a drift, put through the shipped test.
 *
 * Usage: node -r ./build/register.js bench/drift.ts [series a condition, 10,000 when not given]
 */
import { join } from 'node:path';
import { batchMedians, isDrift, relativeGrowth } from '../scripts/drift';
import { writeTextAtomically } from '../scripts/result/files';
import { root } from '../scripts/root';
import { identity } from '../scripts/run/identity';
import { percent } from '../scripts/text/format';
import { table } from '../scripts/text/table';
import { randomOf } from './calibrate/random';
import { type Rate, wilson } from './calibrate/wilson';
import { driftSeries, METHOD_NOISE, type SeriesOf, USUAL_NOISE } from './drift-series';

/** What the method calls its nominal error rate: 2.5 % on the side of growth. */
const NOMINAL_P = 0.05;

const count = Number(process.argv[2] ?? 10_000);
const conditions: SeriesOf[] = [USUAL_NOISE, METHOD_NOISE].flatMap((sd) =>
  [0.5, 0.8].flatMap((phi) => [0, 0.05, 0.1, 0.2].map((by) => ({ phi, sd, by }))),
);

const rows = conditions.map((condition) => {
  const random = randomOf(`drift ${condition.phi} ${condition.sd} ${condition.by}`);
  let [drifts, nominal] = [0, 0];
  for (let at = 0; at < count; at++) {
    const growth = relativeGrowth(batchMedians(driftSeries(random, condition)) as number[]);
    if (isDrift(growth)) drifts++;
    if (growth.p < NOMINAL_P && growth.share > 0) nominal++;
  }
  return [
    percent(condition.sd),
    String(condition.phi),
    `+${percent(condition.by, 0)}`,
    ...inWords(wilson(drifts, count)),
    ...inWords(wilson(nominal, count)),
  ];
});

function inWords({ rate, low, high }: Rate): string[] {
  return [percent(rate, 2), `${(low * 100).toFixed(2)} to ${percent(high, 2)}`];
}

const text = [
  `drift test on ${count} simulated series a condition, commit ${identity('').commit ?? 'unknown'}`,
  'found: p < 0.01 and growth of 5 % or more, the rule of the suite; trend: p < 0.05 upwards, the nominal 2.5 % of the method',
  '',
  table(['noise', 'φ', 'drift', 'found', '95 %', 'trend', '95 %'], rows, [0, 1, 2, 3, 4, 5, 6]),
  '',
].join('\n');
process.stdout.write(text);
writeTextAtomically(join(root, 'bench', 'results', 'drift.txt'), text);
