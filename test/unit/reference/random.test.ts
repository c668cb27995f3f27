import { Gate } from '../../../reference/gate';
import { MEDIAN_MS } from '../../../reference/operation';
import { lognormal, randomStream } from '../../../reference/random';

const DRAWS = 20_000;
const draws = (seed: number, sigma: number) => {
  const draw = lognormal(randomStream(seed, 'x'), 2, sigma);
  return Array.from({ length: DRAWS }, draw);
};

test('the same seed gives the same numbers, another seed or name others', () => {
  expect(draws(7, 0.3)).toEqual(draws(7, 0.3));
  expect(draws(7, 0.3)).not.toEqual(draws(8, 0.3));
  expect(randomStream(7, 'a')()).not.toBe(randomStream(7, 'b')());
});

test('half of the draws lie below the median, and their logarithms have the given deviation', () => {
  const values = draws(1, 0.3);
  const below = values.filter((value) => value < 2).length / DRAWS;
  // Five standard errors of a share.
  expect(Math.abs(below - 0.5)).toBeLessThan((5 * 0.5) / Math.sqrt(DRAWS));
  const logs = values.map((value) => Math.log(value / 2));
  const deviation = Math.sqrt(logs.reduce((sum, value) => sum + value * value, 0) / DRAWS);
  expect(deviation).toBeCloseTo(0.3, 2);
});

test('without deviation every service time is the median, times the factor asked for', async () => {
  const gate = new Gate(1, 0);
  expect((await gate.enter('search-quick')).serviceMs).toBe(MEDIAN_MS['search-quick']);
  gate.setFaults({ ...gate.faults, latencyFactor: { search: 3, 'search-deep': 5 } });
  expect((await gate.enter('search-quick')).serviceMs).toBeCloseTo(3 * MEDIAN_MS['search-quick']);
  expect((await gate.enter('search-deep')).serviceMs).toBeCloseTo(5 * MEDIAN_MS['search-deep']);
  expect((await gate.enter('health')).serviceMs).toBe(MEDIAN_MS.health);
});

test('above its capacity requests wait, in order', async () => {
  const gate = new Gate(1, 0);
  gate.setFaults({ ...gate.faults, capacity: 1 });
  await gate.enter('health');
  const entered: number[] = [];
  const second = gate.enter('health').then(() => entered.push(2));
  const third = gate.enter('health').then(() => entered.push(3));
  await new Promise((resolve) => setImmediate(resolve));
  expect(entered).toEqual([]);
  gate.leave();
  await second;
  expect(entered).toEqual([2]);
  gate.leave();
  await third;
  expect(gate.inFlight).toBe(1);
});
