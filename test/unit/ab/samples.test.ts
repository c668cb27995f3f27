import fc from 'fast-check';
import { PairReader } from '../../../scripts/ab/samples';

const HEADER = 'metric_name,timestamp,metric_value,error_code,name,scenario,status,extra_tags,metadata';
const line = (metric: string, atMs: number, value: number, tags: string, name = 'search-quick', status = '200') =>
  `${metric},${atMs},${value.toFixed(6)},,${name},pairs,${status},${tags},`;

const STEADY = (side: string) => `op=price&phase=steady&side=${side}`;
const TEXT = [
  HEADER,
  line('http_reqs', 1_000_000_000_000, 1, 'op=fill&side=baseline'),
  line('http_req_duration', 1_000_000_000_000, 900, 'op=fill&side=baseline'),
  line('http_req_duration', 1_000_000_001_000, 20.5, STEADY('baseline')),
  line('http_req_duration', 1_000_000_001_030, 22.25, STEADY('candidate')),
  line('http_reqs', 1_000_000_001_030, 1, STEADY('candidate')),
  line('fiml_failed', 1_000_000_001_030, 0, STEADY('baseline')),
  line('fiml_failed', 1_000_000_001_030, 1, STEADY('candidate')),
  line('http_req_duration', 1_000_000_003_000, 0, STEADY('candidate'), 'coin-quick', '0'),
  line('http_req_waiting', 1_000_000_003_000, 3, STEADY('candidate')),
  line('dropped_iterations', 1_000_000_003_000, 4, 'phase=steady'),
  '',
  '  THRESHOLDS, a text that k6 writes at its end',
].join('\n');

const read = (chunks: readonly string[]): PairReader => {
  const reader = new PairReader([]);
  for (const chunk of chunks) reader.write(chunk);
  reader.write('\n');
  return reader;
};

test('keeps the steady answers of both sides, and counts the rest', () => {
  const reader = read([TEXT]);
  expect(reader.round).toEqual({
    startedAtMs: 1_000_000_001_000,
    samples: { side: [0, 1], operation: [0, 0], atMs: [0, 30], durationUs: [20_500, 22_250] },
    failures: [
      { side: 0, second: 0, count: 1, failed: 0 },
      { side: 1, second: 0, count: 1, failed: 1 },
    ],
  });
  expect(reader).toMatchObject({ requests: 2, dropped: 4, unanswered: [0, 1], unreadable: 0 });
});

test('a line that cannot be read is counted', () => {
  expect(read([`${HEADER}\nhttp_req_duration,1000000001000,x,,n,pairs,200,side=baseline,`]).unreadable).toBe(1);
});

test('where the stream is cut into chunks makes no difference', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: TEXT.length }), { maxLength: 10 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), TEXT.length];
      const chunks = at.slice(1).map((end, index) => TEXT.slice(at[index], end));
      expect(read(chunks).round).toEqual(read([TEXT]).round);
    }),
  );
});
