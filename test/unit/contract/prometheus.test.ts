import fc from 'fast-check';
import { boundOf, type PageSample, pageSamples } from '../../../contract';

const name = fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,20}$/);
const labels = fc.dictionary(
  fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  {
    maxKeys: 4,
  },
);
const sample: fc.Arbitrary<PageSample> = fc.record({
  name,
  labels,
  // Nobody writes −0 as such.
  value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
});

const escaped = (text: string) => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
const written = ({ name, labels, value }: PageSample): string => {
  const inside = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${inside.length === 0 ? '' : `{${inside.join(',')}}`} ${value}`;
};

test('every figure of a page is read as it was written, whatever its labels hold', () => {
  fc.assert(
    fc.property(fc.array(sample), (samples) => {
      const page = samples.map((one) => `# TYPE ${one.name} gauge\n${written(one)}\n`).join('');
      expect(pageSamples(page)).toEqual(samples.map((one) => ({ ...one, labels: { ...one.labels } })));
    }),
    { numRuns: 500 },
  );
});

test('a time behind the value, and an end of line as Windows has it, belong to neither', () => {
  expect(pageSamples('a{b="c d } e"} 5 1763970000000\r\n')).toEqual([
    { name: 'a', labels: { b: 'c d } e' }, value: 5 },
  ]);
});

test.each([
  ['', 0],
  ['<html>a 5</html>', 0],
  ['# HELP a 5\n', 0],
  ['a NaN\na +Inf\na -Inf\n', 0],
  ['a\n{b="c"} 5\na{b="c" 5', 0],
  ['a 5 6 7\n', 0],
  ['{"l1_cache":{"hits":8}}', 0],
  ['\u0000\u0001 5\na 5\n', 1],
])('what is no figure is passed over: %j', (page, count) => {
  expect(pageSamples(page)).toHaveLength(count);
});

test('a page made to take for ever does not', () => {
  const hostile = [`a{${'}'.repeat(200_000)}`, `a{${'b="'.repeat(50_000)}`, `a${' '.repeat(200_000)}x y z`].join('\n');
  expect(pageSamples(hostile)).toEqual([]);
});

test.each([
  ['0.5', 0.5],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['', Number.NaN],
  ['wide', Number.NaN],
  [undefined, Number.NaN],
])('a bucket up to %j', (le, bound) => {
  expect(boundOf({ name: 'a_bucket', labels: le === undefined ? {} : { le }, value: 1 })).toBe(bound);
});
