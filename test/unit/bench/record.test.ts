import { exitCodeOf, RECORD_VERSION, recorded, recordSchema } from '../../../bench/speed/record';
import type { Row } from '../../../bench/speed/row';
import { asText } from '../../../bench/speed/table';
import { identity } from '../../../scripts/run/identity';

const cost: Row = {
  what: 'cost',
  unit: 'us',
  measured: 150,
  baseline: { name: 'floor', measured: 100 },
  target: { atMost: 1.5 },
};
const speed: Row = { what: 'speed', unit: 'requests/s', measured: 9999, baseline: null, target: { atLeast: 10_000 } };
const missing = { what: 'beside jq', notMeasured: 'jq is not installed' };

test.each<[string, Row, number, boolean]>([
  ['a ratio at its limit', cost, 1.5, true],
  ['a ratio above it', { ...cost, measured: 151 }, 1.51, false],
  ['a figure of its own below its target', speed, 9999, false],
  ['a figure of its own at its target', { ...speed, measured: 10_000 }, 10_000, true],
])('%s', (_, row, figure, holds) => {
  expect(recorded('group', row, 'full')).toEqual({ group: 'group', ...row, figure, holds });
  expect(recorded('group', row, 'short')).toMatchObject({ figure, holds: null });
});

test.each([
  ['nothing by nothing', 0, 0],
  ['something by nothing', 1, 0],
  ['what never came', Number.NaN, 1],
])('%s is no figure, and holds nothing', (_, measured, floor) => {
  const row = recorded('group', { ...cost, measured, baseline: { name: 'floor', measured: floor } }, 'full');
  expect(row).toEqual({ group: 'group', what: 'cost', notMeasured: expect.stringMatching(/^it came out as/) });
});

test('what falls short ends with 1, what could not be measured with 3, whatever else holds', () => {
  const [holds, short, lacking] = [cost, speed, missing].map((row) => recorded('group', row, 'full'));
  if (holds === undefined || short === undefined || lacking === undefined) throw new Error('three rows');
  expect(exitCodeOf([holds])).toBe(0);
  expect(exitCodeOf([holds, short])).toBe(1);
  expect(exitCodeOf([holds, short, lacking])).toBe(3);
});

test('the table says of each row in words what became of it', () => {
  const record = recordSchema.parse({
    schema: 'fiml-perf/speed',
    version: RECORD_VERSION,
    createdAt: '2026-01-01T00:00:00Z',
    size: 'full',
    identity: identity('2.2.0'),
    loadAverage: { before: 0.1, after: 1 },
    rows: [cost, speed, missing].map((row) => recorded('group', row, 'full')),
  });
  const text = asText(record);
  expect(text).toMatch(/^cost +150 us +floor: 100 +1\.50 +at most 1\.5 × +holds$/m);
  expect(text).toMatch(/^speed +9999 requests\/s +at least 10000 requests\/s +FALLS SHORT$/m);
  expect(text).toMatch(/^beside jq +not measured: jq is not installed$/m);
  expect(text).toContain('1 of 3 hold, 1 falls short, 1 not measured');
});
