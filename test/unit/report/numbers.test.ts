import fc from 'fast-check';
import { judge } from '../../../scripts/judge';
import { render } from '../../../scripts/report';
import {
  formatBeside,
  formatBytes,
  formatClaim,
  formatLimit,
  formatValue,
  percent,
  plural,
  type Unit,
} from '../../../scripts/text/format';
import { evidence, given, withRun } from '../../support/evidence';
import { chaptersOf, rowsOf } from './markdown-reader';

/** What a person reads: the number, or the words that stand for it. */
function sideRead(text: string, limitText: string): number {
  if (text.startsWith('just below ')) return -1;
  if (text.startsWith('just above ')) return 1;
  return Math.sign(Number.parseFloat(text) - Number.parseFloat(limitText));
}

describe('a value beside its limit', () => {
  test.each<[value: number, limit: number, unit: Unit, shown: string]>([
    [250, 200, 'ms', '250 ms'],
    [199.6, 200, 'ms', '199.600 ms'],
    [200.4, 200, 'ms', '200.400 ms'],
    [200, 200, 'ms', '200 ms'],
    [0.9949, 0.995, 'share', '99.49 %'],
    [0.99497, 0.995, 'share', '99.497 %'],
    [0.99501, 0.995, 'share', '99.501 %'],
    [0.995, 0.995, 'share', '99.50 %'],
    [0.0100001, 0.01, 'share', '1.00001 %'],
    // Rounding must not carry a value over to the other side either.
    [0.123465, 0.12347, 'share', '12.3465 %'],
    [0.12345, 0.12345, 'share', '12.345 %'],
    [200.0000000001, 200, 'ms', 'just above 200 ms'],
    [0.8 - 1e-12, 0.8, 'share', 'just below 80 %'],
    [0.123456789, 0.123456789, 'share', '12.3456789 %'],
    [0, 0.01, 'share', '0.00 %'],
    [1e300, 200, 'ms', '1e+300 ms'],
    [-5, 200, 'ms', '-5.00 ms'],
  ])('%d beside %d %s is %j', (value, limit, unit, shown) => {
    expect(formatBeside(value, limit, unit)).toBe(shown);
  });

  test('never reads equal when it is not, nor on the other side of it', () => {
    const limit = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.double({ min: 0, max: 5000, noNaN: true }));
    const near = fc.oneof(
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.constantFrom(0, 1e-12, -1e-12, 1e-6, -1e-6, 5e-4),
    );
    fc.assert(
      fc.property(limit, near, fc.constantFrom<Unit>('ms', 'share'), (edge, offset, unit) => {
        const value = edge + offset * Math.max(1, edge);
        const text = formatBeside(value, edge, unit);
        expect([text, sideRead(text, formatLimit(edge, unit))]).toEqual([text, Math.sign(value - edge)]);
      }),
      { numRuns: 1000 },
    );
  });

  test('in the report too: in the reason, in the target’s row, in the finding', () => {
    const close = evidence({ hits: 79_999, misses: 20_001 });
    const verdict = judge(close);
    expect(verdict.reasons).toEqual(['Cache hit rate: 79.999 %, must be above 80 %']);
    const { markdown } = render(close, verdict);
    expect(rowsOf(chaptersOf(markdown).get('Targets')).get('Cache hit rate')?.[1]).toBe('79.999 %');
    expect(chaptersOf(markdown).get('Bottlenecks')).toContain('79.999 % of 100000 reads were hits, must be above 80 %');
  });

  test('and of how much too short a run was', () => {
    const short = withRun(evidence(), ({ k6, plan }) => ({
      k6: { ...k6, endedAtMs: k6.startedAtMs + given(plan).durationMs - 40 },
    }));
    expect(judge(short).reasons[0]).toContain('it took 66.0 s, 40 ms less than the 66.0 s that were planned');
  });

  test('that is no number is shown as such', () => {
    expect(formatBeside(Number.NaN, 200, 'ms')).toBe('NaN ms');
    expect(formatBeside(Number.POSITIVE_INFINITY, 200, 'ms')).toBe('Infinity ms');
  });
});

test('values keep three figures below 100 ms', () => {
  expect([1.234, 12.34, 123.4, 1234.5].map((ms) => formatValue(ms, 'ms'))).toEqual([
    '1.23 ms',
    '12.3 ms',
    '123 ms',
    '1235 ms',
  ]);
  expect(formatValue(0.12345, 'share')).toBe('12.35 %');
});

test('limits are written as a person would', () => {
  expect(formatLimit(0.995, 'share')).toBe('99.5 %');
  expect(formatLimit(200, 'ms')).toBe('200 ms');
  expect(formatLimit(0.1, 'ms')).toBe('0.1 ms');
  expect(formatClaim('<', 0.01, 'share')).toBe('below 1 %');
  expect(formatClaim('>', 0.8, 'share')).toBe('above 80 %');
});

test('counts, shares and bytes', () => {
  expect([plural(0, 'run'), plural(1, 'run'), plural(2, 'run')]).toEqual(['0 runs', '1 run', '2 runs']);
  expect([percent(0.0304), percent(0.5, 0)]).toEqual(['3.0 %', '50 %']);
  expect([1, 2500, 2e6, 1.5e9].map(formatBytes)).toEqual(['1 KB', '3 KB', '2 MB', '1.5 GB']);
});
