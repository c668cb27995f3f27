import fc from 'fast-check';
import { exactQuantile, Histogram, mergeHistograms } from '../../../scripts/result/histogram';

const positive = fc.double({ min: 1e-9, max: 1e300, noNaN: true });
const any = fc.oneof(fc.constant(0), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
const share = fc.double({ min: 0, max: 1, noNaN: true });

function of(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

const ascending = (values: readonly number[]) => [...values].sort((a, b) => a - b);

describe('a histogram', () => {
  it('gives every quantile of values of one sign within 0.5 %', () => {
    fc.assert(
      fc.property(fc.array(positive, { minLength: 1 }), share, fc.boolean(), (values, q, negative) => {
        const signed = negative ? values.map((value) => -value) : values;
        const exact = exactQuantile(ascending(signed), q) as number;
        const error = Math.abs((of(signed).quantile(q) as number) - exact) / Math.abs(exact);
        expect(error).toBeLessThanOrEqual(0.005);
      }),
      { numRuns: 500 },
    );
  });

  it('knows zeros, negatives and the hugest values, in their order', () => {
    const histogram = of([0, -5, Number.MAX_VALUE, 0, -Number.MAX_VALUE]);
    expect(histogram.quantile(0.5)).toBe(0);
    expect(histogram.quantile(0)).toBeLessThan(-1e308);
    expect((histogram.quantile(0.25) as number) / -5).toBeCloseTo(1, 2);
    expect(histogram.quantile(1)).toBeGreaterThan(1e308);
  });

  it('merges to what all the values together make, in any grouping', () => {
    fc.assert(
      fc.property(fc.array(any), fc.array(any), fc.array(any), (a, b, c) => {
        const together = of([...a, ...b, ...c]).toSparse();
        expect(mergeHistograms([mergeHistograms([of(a), of(b)]), of(c)]).toSparse()).toEqual(together);
        expect(mergeHistograms([of(a), mergeHistograms([of(c), of(b)])]).toSparse()).toEqual(together);
        expect(Histogram.fromSparse(together).toSparse()).toEqual(together);
      }),
    );
  });

  it('has no quantile when empty, and says the share above a threshold', () => {
    expect(new Histogram().quantile(0.5)).toBeNull();
    expect(of([1, 2, 300, 400]).shareAbove(100)).toBe(0.5);
  });
});

it('the exact quantile is the one of R-7', () => {
  expect(exactQuantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(exactQuantile([1, 2, 3, 4], 0.95)).toBeCloseTo(3.85, 12);
  expect(exactQuantile([], 0.5)).toBeNull();
});
