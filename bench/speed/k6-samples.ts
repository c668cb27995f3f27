import { writeSync } from 'node:fs';

const HOUR_MS = 3_600_000;
const T0 = 1_795_680_000_000;
const BLOCK = 1 << 20;
/** Of JSON, on average: what `requestsIn` goes by. */
const BYTES_OF_REQUEST = 2510;

/** What this suite's own load writes for one request and its iteration, in this order. */
const OF_REQUEST = [
  'http_reqs',
  'http_req_duration',
  'http_req_blocked',
  'http_req_connecting',
  'http_req_tls_handshaking',
  'http_req_sending',
  'http_req_waiting',
  'http_req_receiving',
  'http_req_failed',
] as const;
const OF_ITERATION = ['data_sent', 'data_received', 'iteration_duration', 'iterations'] as const;

/** Name, operation and state of the cache, as often as they are here. */
const OPERATIONS: readonly (readonly [string, string, string | null, string])[] = [
  ['search-quick', 'price', 'hot', 'prices'],
  ['search-quick', 'price', 'hot', 'prices'],
  ['search-quick', 'price', 'hot', 'prices'],
  ['search-quick', 'price', 'cold', 'prices'],
  ['search-quick', 'probe', null, 'probes'],
  ['health', 'probe', null, 'probes'],
  ['search-quick', 'fill', 'fill', 'refill'],
  ['coin-quick', 'price', 'hot', 'prices'],
  ['search-deep', 'analysis', null, 'analyses'],
  ['search-standard', 'analysis', null, 'analyses'],
  ['dsl-async', 'dsl', null, 'dsl'],
  ['task-status', 'poll', null, 'dsl'],
  ['market-prices', 'price', 'hot', 'prices'],
];

export type Format = 'json' | 'csv';

export const requestsIn = (jsonBytes: number): number => Math.ceil(jsonBytes / BYTES_OF_REQUEST);

/**
 * Writes an hour of samples, whatever their number, to the byte as k6 2.2 does: JSON with sorted tags and nanoseconds, or CSV
 * with six decimals, seconds, and a script's tags beginning with any of them.
 *
 * @param users values of one more tag, which multiply the sets of tags; 0 for none.
 */
export function writeSamples(file: number, format: Format, requests: number, users: number): void {
  const line = format === 'json' ? jsonLine : csvLine;
  let block =
    format === 'json' ? '' : 'metric_name,timestamp,metric_value,error_code,name,scenario,status,extra_tags,metadata\n';
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  for (let request = 0; request < requests; request++) {
    const [name, op, cache, scenario] = OPERATIONS[
      Math.floor(random() * OPERATIONS.length)
    ] as (typeof OPERATIONS)[number];
    const user = users === 0 ? {} : { user: `u${Math.floor(random() * users)}` };
    const own = { ...(cache === null ? {} : { cache }), op, phase: 'steady', ...user };
    const tags = { own, name, scenario, status: '200' };
    const at = { ms: T0 + Math.floor((request / requests) * HOUR_MS), ns: Math.floor(random() * 1e6) };
    // Skewed, as latencies are.
    const waitingMs = 2 * Math.exp(random() + random() + random());
    const sendingMs = 0.01 + random() / 50;
    const valueAs = (metric: string): number =>
      metric === 'http_reqs' || metric === 'iterations'
        ? 1
        : metric === 'http_req_waiting'
          ? waitingMs
          : metric === 'http_req_sending' || metric === 'http_req_receiving'
            ? sendingMs
            : metric === 'http_req_duration' || metric === 'iteration_duration'
              ? waitingMs + 2 * sendingMs
              : metric === 'http_req_blocked'
                ? sendingMs / 10
                : metric.startsWith('data_')
                  ? 200 + Math.floor(random() * 900)
                  : 0;
    for (const metric of OF_REQUEST) block += line(metric, at, valueAs(metric), tags, random);
    block += line('fiml_failed', at, 0, { own, name, scenario }, random);
    const after = { ms: at.ms, ns: Math.min(at.ns + 4100, 999_999) };
    for (const metric of OF_ITERATION) {
      block += line(metric, after, valueAs(metric), { own: { phase: 'steady' }, scenario }, random);
    }
    if (block.length >= BLOCK) {
      writeWhole(file, block);
      block = '';
    }
  }
  writeWhole(file, block);
}

interface Instant {
  readonly ms: number;
  readonly ns: number;
}

/** Those that the script sets, and k6's own. */
interface SampleTags {
  readonly own: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly scenario: string;
  readonly status?: string;
}

/** In order of their names, as k6 writes them. */
const jsonTags = new WeakMap<SampleTags, string>();

function jsonLine(metric: string, at: Instant, value: number, tags: SampleTags): string {
  let text = jsonTags.get(tags);
  if (text === undefined) {
    const { own, ...system } = tags;
    text = JSON.stringify(
      Object.fromEntries(Object.entries({ ...own, ...system }).sort(([a], [b]) => (a < b ? -1 : 1))),
    );
    jsonTags.set(tags, text);
  }
  const time = `${new Date(at.ms).toISOString().slice(0, -1)}${String(at.ns).padStart(6, '0')}`.replace(/0+$/, '');
  return `{"metric":"${metric}","type":"Point","data":{"time":"${time}Z","value":${Math.round(value * 1e6) / 1e6},"tags":${text}}}\n`;
}

function csvLine(metric: string, at: Instant, value: number, tags: SampleTags, random: () => number): string {
  const own = Object.entries(tags.own).map(([tag, text]) => `${tag}=${text}`);
  // Go goes round a small map from anywhere.
  const from = Math.floor(random() * own.length);
  const extra = [...own.slice(from), ...own.slice(0, from)].join('&');
  return `${metric},${Math.floor(at.ms / 1000)},${value.toFixed(6)},,${tags.name ?? ''},${tags.scenario},${tags.status ?? ''},${extra},\n`;
}

function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
}
