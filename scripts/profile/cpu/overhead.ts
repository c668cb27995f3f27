import { Histogram } from '../../result/histogram';
import { type Window, wholeBuckets } from '../../result/phases';
import { answered, selectSeries } from '../../result/query';
import type { Result } from '../../result/result';
import { cpuSeconds } from '../../run/cpu';
import { formatValue } from '../../text/format';
import type { FindingsTable } from '../findings';

/** A part of a load, and what the server took for it. */
export interface Look extends Window {
  /** CPU time of the process that is looked at; null where it could not be read. */
  readonly cpuS: number | null;
}

/** Does something, and looks what a process takes meanwhile. */
export async function lookedAt<T>(pid: number, doing: () => Promise<T>): Promise<Look & { readonly value: T }> {
  const startMs = Date.now();
  const before = cpuSeconds(pid);
  const value = await doing();
  const after = cpuSeconds(pid);
  return { startMs, endMs: Date.now(), cpuS: before === null || after === null ? null : after - before, value };
}

/** What the requests of a part took. */
interface Part {
  readonly perS: number;
  readonly cpuMs: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

/**
 * What sampling costs the server: the part of a load that was sampled beside those before and after it that were not. What
 * changes steadily with time, such as a server that warms up, is the same for both.
 *
 * @returns a table of the three parts, and what they say in a sentence; null when there were no requests in one of them.
 */
export function overhead(
  result: Result,
  before: Look,
  sampled: Look,
  after: Look,
): { readonly table: FindingsTable; readonly sentence: string } | null {
  const parts = [before, sampled, after].map((look) => partOf(result, look));
  const [first, middle, last] = parts;
  if (first == null || middle == null || last == null) return null;
  const names = ['before', 'sampled', 'after'];
  return {
    table: {
      title: 'What sampling costs',
      hint: 'Parts of one load, in this order; CPU time as the kernel counts it, in hundredths of a second.',
      head: ['part', 'length', 'requests/s', 'CPU a request', 'P50', 'P95'],
      rows: [before, sampled, after].map(({ startMs, endMs }, at) => [
        names[at] ?? '',
        formatValue((endMs - startMs) / 1000, 's'),
        (parts[at]?.perS ?? 0).toFixed(1),
        ...[parts[at]?.cpuMs, parts[at]?.p50Ms, parts[at]?.p95Ms].map((ms) =>
          ms == null ? '–' : formatValue(ms, 'ms'),
        ),
      ]),
      right: [1, 2, 3, 4, 5],
    },
    sentence: `sampling changed ${[
      changeInWords('CPU time a request', first.cpuMs, middle.cpuMs, last.cpuMs),
      changeInWords('the median latency', first.p50Ms, middle.p50Ms, last.p50Ms),
    ].join(', and ')}`,
  };
}

function partOf(result: Result, look: Look): Part | null {
  const { first, last } = wholeBuckets(result, look);
  const latencies = new Histogram();
  let count = 0;
  for (const series of selectSeries(result, 'http_req_duration').filter(answered)) {
    for (const bucket of series.buckets ?? []) {
      if (bucket.i < first || bucket.i > last) continue;
      count += bucket.count;
      latencies.addSparse(bucket.histogram ?? []);
    }
  }
  if (count === 0) return null;
  const perS = count / (((last - first + 1) * result.bucketMs) / 1000);
  const lengthS = (look.endMs - look.startMs) / 1000;
  return {
    perS,
    cpuMs: look.cpuS === null ? null : (look.cpuS * 1000) / (perS * lengthS),
    p50Ms: latencies.quantile(0.5),
    p95Ms: latencies.quantile(0.95),
  };
}

/** The two parts without it tell how much parts differ anyway. */
function changeInWords(what: string, before: number | null, sampled: number | null, after: number | null): string {
  if (!before || !after || sampled === null) return `${what} by nobody knows how much`;
  const change = sampled / ((before + after) / 2) - 1;
  const noise = Math.abs(after / before - 1);
  const verdict = Math.abs(change) > noise ? '' : ', which is no more than';
  return `${what} by ${signed(change)}${verdict === '' ? ', where' : verdict} the parts without it differ${
    verdict === '' ? ` by ${percent(noise)}` : ` anyway (${percent(noise)})`
  }`;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const signed = (share: number): string => `${share < 0 ? '' : '+'}${percent(share)}`;
