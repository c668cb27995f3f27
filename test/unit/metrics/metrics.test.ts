import { pageSamples } from '../../../contract';
import { bucketOf, follower, meanMs, slowIn } from '../../../scripts/metrics/change';
import type { Look } from '../../../scripts/metrics/look';
import { pageOf } from '../../../scripts/metrics/page';
import { lookText } from '../../../scripts/metrics/text';
import { unmeasuredOn } from '../../../scripts/metrics/unmeasured';

interface Counts {
  readonly requests?: number;
  readonly failed?: number;
  /** Of the requests, those that took 1.5 s; the others took 20 ms. */
  readonly slow?: number;
  readonly hits?: number;
  readonly misses?: number;
  readonly cpuS?: number;
  readonly startTimeS?: number | null;
  readonly more?: string;
}

const ROUTE = 'endpoint="/mcp/tools/call",method="POST"';
const LOOK = 'endpoint="/metrics/",method="GET"';

/** A FIML server's page. */
function page({
  requests = 10,
  failed = 0,
  slow = 0,
  hits = 8,
  misses = 2,
  cpuS = 1,
  startTimeS = 1000,
  more = '',
}: Counts) {
  const duration = (labels: string, count: number, late: number) => `
fiml_request_duration_seconds_bucket{${labels},le="0.05"} ${count - late}
fiml_request_duration_seconds_bucket{${labels},le="1.0"} ${count - late}
fiml_request_duration_seconds_bucket{${labels},le="2.0"} ${count}
fiml_request_duration_seconds_bucket{${labels},le="+Inf"} ${count}
fiml_request_duration_seconds_count{${labels}} ${count}
fiml_request_duration_seconds_sum{${labels}} ${(count - late) * 0.02 + late * 1.5}`;
  return `# TYPE fiml_requests_total counter
fiml_requests_total{${ROUTE},status="200"} ${requests - failed}
${failed === 0 ? '' : `fiml_requests_total{${ROUTE},status="503"} ${failed}`}
fiml_requests_total{${LOOK},status="200"} 900
${duration(ROUTE, requests, slow)}
${duration(LOOK, 900, 40)}
fiml_active_requests 3.0
fiml_cache_hits_total{cache_level="l1",data_type="price"} ${hits}
fiml_cache_misses_total{cache_level="l1",data_type="price"} ${misses}
process_cpu_seconds_total ${cpuS}
process_resident_memory_bytes 9e+07
${startTimeS === null ? '' : `process_start_time_seconds ${startTimeS}`}
fiml_task_completion_rate 0.0
${more}
`;
}

let atMs = 2_000_000;
function look(counts: Counts = {}, afterMs = 2000): Look {
  atMs += afterMs;
  const samples = pageSamples(page(counts));
  const read = pageOf(samples);
  if (read === null) throw new Error('no page');
  return {
    schema: 'fiml-perf/metrics',
    version: 1,
    url: 'http://fiml.test:8000',
    atMs,
    ...read,
    providers: [{ name: 'mock_provider', successShare: 0.995 }],
    unmeasured: unmeasuredOn(samples),
  };
}

test('requests are counted without those that look at the server', () => {
  expect(look({ requests: 10, failed: 2, slow: 1 })).toMatchObject({
    requests: { total: 10, byStatus: { 200: 8, 503: 2 }, active: 3, durations: { count: 10 } },
    slow: [{ route: 'POST /mcp/tools/call', count: 1 }],
    cache: { hits: 8, misses: 2 },
    process: { rssBytes: 90e6, cpuS: 1, openFiles: null },
  });
});

test('a page of something else is none', () => {
  expect(pageOf(pageSamples('process_start_time_seconds 5\nnode_cpu_seconds_total 7\n'))).toBeNull();
  expect(pageOf([])).toBeNull();
});

test('durations tell what a histogram can tell', () => {
  const { durations } = look({ requests: 10, slow: 1 }).requests;
  expect(meanMs(durations)).toBeCloseTo(168);
  expect(slowIn(durations)).toBe(1);
  expect(bucketOf(durations, 0.5)).toEqual({ aboveMs: 0, upToMs: 50 });
  expect(bucketOf(durations, 0.95)).toEqual({ aboveMs: 1000, upToMs: 2000 });
  const none = { count: 0, sumMs: 0, buckets: [] };
  expect([meanMs(none), bucketOf(none, 0.95), slowIn(none)]).toEqual([null, null, 0]);
  expect(bucketOf({ count: 4, sumMs: 1, buckets: [{ upToMs: 50, count: 1 }] }, 0.95)).toEqual({
    aboveMs: 50,
    upToMs: null,
  });
});

test('two looks make rates of what came in between', () => {
  const follow = follower();
  expect(follow(look({ requests: 10, hits: 8, misses: 2, cpuS: 1 }))).toBeNull();
  const since = follow(look({ requests: 30, slow: 4, hits: 23, misses: 7, cpuS: 2 }));
  expect(since).toMatchObject({
    kind: 'change',
    change: {
      lengthMs: 2000,
      requestsPerS: 10,
      slow: 4,
      readsPerS: 10,
      hitShare: 0.75,
      cpuCores: 0.5,
      durations: { count: 20 },
    },
  });
});

test('of counters that began anew there are no rates, whether the server tells its start or not', () => {
  const follow = follower();
  follow(look({ requests: 100, startTimeS: 1000 }));
  expect(follow(look({ requests: 500, startTimeS: 1001 }))).toEqual({ kind: 'restart' });
  expect(follow(look({ requests: 510, startTimeS: 1001 }))?.kind).toBe('change');
  const blind = follower();
  blind(look({ requests: 100, startTimeS: null }));
  expect(blind(look({ requests: 20, startTimeS: null }))).toEqual({ kind: 'restart' });
});

test('processes that take turns are no restarts', () => {
  const follow = follower();
  follow(look({ startTimeS: 1000 }));
  follow(look({ startTimeS: 1001 }));
  expect(follow(look({ startTimeS: 1000 }))).toEqual({ kind: 'several' });
});

/** The lines of a group. */
function group(text: string, name: string): string {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`${name} `));
  const length = lines.slice(from + 1).findIndex((line) => !line.startsWith('  '));
  return lines.slice(from, from + 1 + length).join('\n');
}

test('what the server does not measure is said as such, and is no 0', () => {
  const text = lookText(look(), null);
  for (const name of ['cache', 'providers', 'tasks', 'slow queries']) {
    expect(group(text, name)).toContain('not measured by the server');
  }
  expect(group(text, 'tasks')).not.toMatch(/\b0\b/);
  expect(text).not.toContain('fiml_task_completion_rate');
});

test('what a later server does measure is shown', () => {
  const seen = look({
    more: 'fiml_slow_queries_total{operation="search"} 3\nfiml_slow_queries_total{operation="dsl"} 4',
  });
  const slow = group(lookText(seen, null), 'slow queries');
  expect(slow).toContain('fiml_slow_queries_total: 7');
  expect(slow).not.toContain('not measured');
});

test('a first look has no rates, a second one has, and a restart is told instead of them', () => {
  const follow = follower();
  const first = look({ requests: 10 });
  expect(lookText(first, follow(first))).not.toContain('now:');
  const second = look({ requests: 30 });
  expect(group(lookText(second, follow(second)), 'requests')).toContain('now: 10.0 /s');
  const third = look({ requests: 5, startTimeS: 2000 });
  const text = lookText(third, follow(third));
  expect(text).toContain('the server was restarted');
  expect(text).not.toContain('now:');
});

test('what is not told is not made up', () => {
  const silent = look({ startTimeS: null });
  const text = lookText({ ...silent, providers: null, process: { rssBytes: null, cpuS: null, openFiles: null } }, null);
  expect(group(text, 'providers')).toContain('does not tell');
  expect(group(text, 'process')).toContain('not told');
  expect(text).not.toContain('since its start');
  expect(group(lookText(look({ hits: 0, misses: 0 }), null), 'cache')).toContain('no read of the L1 cache yet');
});

test('names from the server move no cursor, and do not push the rest away', () => {
  const names = Array.from({ length: 40 }, (_, i) => `\u001b[2Jp${i}\n\u202e`);
  const text = lookText({ ...look(), providers: names.map((name) => ({ name, successShare: 0.5 })) }, null);
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(group(text, 'providers').split('\n').length).toBeLessThan(10);
});
