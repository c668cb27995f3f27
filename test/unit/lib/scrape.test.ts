import { parseScrape, SCRAPED } from '../../../lib/scrape';

const page = `# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 1.2345678e+08
process_cpu_seconds_total 12.5
process_start_time_seconds 1.76397e+09
# TYPE fiml_cache_hits_total counter
fiml_cache_hits_total{cache_level="l1",data_type="price"} 900.0
fiml_cache_hits_total{cache_level="l2",data_type="price"} 10.0
fiml_cache_misses_total{cache_level="l1",data_type="price"} 100.0
fiml_cache_hits_created{cache_level="l1",data_type="price"} 1.7e+09
# TYPE fiml_cache_latency_seconds histogram
fiml_cache_latency_seconds_bucket{cache_level="l1",data_type="quote",le="+Inf",operation="get"} 6.0
fiml_cache_latency_seconds_bucket{cache_level="l1",data_type="quote",le="0.005",operation="get"} 3.0
fiml_cache_latency_seconds_bucket{cache_level="l1",data_type="quote",le="0.001",operation="get"} 2.0
fiml_cache_latency_seconds_bucket{cache_level="l1",data_type="price",le="0.001",operation="get"} 70.0
fiml_cache_latency_seconds_bucket{cache_level="l1",data_type="price",le="0.005",operation="get"} 90.0
fiml_cache_latency_seconds_bucket{cache_level="l1",data_type="price",le="+Inf",operation="get"} 100.0
fiml_cache_latency_seconds_bucket{cache_level="l2",data_type="price",le="0.001",operation="get"} 500.0
fiml_cache_latency_seconds_bucket{cache_level="l1",data_type="price",le="0.001",operation="set"} 500.0
fiml_cache_latency_seconds_count{cache_level="l1",data_type="price",operation="get"} 100.0
`;

test('sums a counter over its labels and keeps the gauges', () => {
  expect(parseScrape(page, 5)).toEqual({
    atMs: 5,
    hits: 910,
    misses: 100,
    rssBytes: 123_456_780,
    cpuS: 12.5,
    startTimeS: 1_763_970_000,
    l1Reads: [
      { leS: 0.001, count: 72 },
      { leS: 0.005, count: 93 },
      { leS: Number.POSITIVE_INFINITY, count: 106 },
    ],
  });
});

test('a counter that was never increased is not on the page and counts as 0', () => {
  const young = page
    .split('\n')
    .filter((line) => !line.startsWith('fiml_'))
    .join('\n');
  expect(parseScrape(young, 0)).toMatchObject({ hits: 0, misses: 0, l1Reads: null });
});

test('a page without any of the metrics says nothing, which is not 0', () => {
  expect(parseScrape('<html>nothing here</html>', 0)).toMatchObject({ hits: null, misses: null, startTimeS: null });
  expect(parseScrape('', 0)).toMatchObject({ hits: null, misses: null, l1Reads: null });
});

test('reads the JSON of the cache route', () => {
  expect(parseScrape('{"l1_cache":{"hits":8,"misses":2,"hit_rate":0.8}}', 1)).toMatchObject({
    hits: 8,
    misses: 2,
    l1Reads: null,
  });
  expect(parseScrape('{"l1_cache":', 1)).toBeNull();
  expect(parseScrape('{"detail":"Not Found"}', 1)).toMatchObject({ hits: null, misses: null });
});

test('asks for nothing that it does not read', () => {
  for (const name of SCRAPED) expect(page).toContain(name);
});
