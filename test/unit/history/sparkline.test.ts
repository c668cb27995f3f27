import fc from 'fast-check';
import { columnOf, sparkline } from '../../../scripts/history/sparkline';

it('draws the lowest value lowest and the highest highest', () => {
  expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8], 20)).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([8, 1, 4.5], 20)).toBe('█▁▅');
});

it('leaves out what was not measured, and draws what never varies in the middle', () => {
  expect(sparkline([1, null, 2], 20)).toBe('▁ █');
  expect(sparkline([5, 5, 5], 20)).toBe('▄▄▄');
  expect(sparkline([null, null], 20)).toBe('  ');
  expect(sparkline([], 20)).toBe('');
});

it('takes medians where there are more values than columns', () => {
  expect(sparkline([1, 1, 100, 8, 8, 8], 2)).toBe('▁█');
});

it('is as wide as there is room, and each value has its column', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { maxLength: 300 }), (values) => {
      const line = [...sparkline(values, 72)];
      expect(line).toHaveLength(Math.min(72, values.length));
      expect(line.every((block) => '▁▂▃▄▅▆▇█'.includes(block))).toBe(true);
      const columns = values.map((_, index) => columnOf(index, values.length, 72));
      expect(columns).toEqual([...columns].sort((a, b) => a - b));
      expect(new Set(columns).size).toBe(line.length);
    }),
  );
});
