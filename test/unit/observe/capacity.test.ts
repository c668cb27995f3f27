import { judge } from '../../../scripts/judge';
import { observe } from '../../../scripts/observe';
import { type Observation, observationSchema } from '../../../scripts/result/observation';
import { limitedTo, type Rise, risingOn } from '../../support/rise';

const observed = (rise: Rise): Observation => {
  const evidence = risingOn(rise);
  return observationSchema.parse(observe(evidence, judge(evidence)));
};

test('a rising load is observed by its capacity alone, known to the width of a step', () => {
  const { flaws, measures } = observed({ server: limitedTo(150) });
  expect([flaws, measures.map(({ id }) => id)]).toEqual([[], ['capacity']]);
  expect(measures[0]).toMatchObject({ unit: 'per second', worse: 'lower', gating: true, insufficient: null });
  expect(measures[0]?.value).toBeGreaterThan(140);
  // A step of 5 %.
  expect(Math.sqrt((measures[0]?.withinVariance ?? 0) * 12)).toBeCloseTo(Math.log(1.05), 2);
});

test('a lower bound decides nothing, and neither does a load that broke from the start', () => {
  expect(observed({ server: limitedTo(10_000) }).measures[0]?.insufficient).toMatch(/at least 500 \/s/);
  expect(observed({ server: limitedTo(10) }).measures[0]).toMatchObject({
    value: null,
    insufficient: expect.stringContaining('do not hold at any rate'),
  });
});
