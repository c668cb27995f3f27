import { Histogram } from '../../result/histogram';
import { type Window, wholeBuckets } from '../../result/phases';
import { answered, mergeSeries, selectSeries } from '../../result/query';
import type { Result } from '../../result/result';
import { cpuSeconds } from '../../run/cpu';
import { formatValue, percent } from '../../text/format';
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
 * @returns a table of the three parts, and what they say in a sentence; null when one of them has no requests, or was not within the load.
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
    sentence: `in the part that was sampled ${[
      changeInWords('CPU time a request changed', first.cpuMs, middle.cpuMs, last.cpuMs),
      changeInWords('the median latency', first.p50Ms, middle.p50Ms, last.p50Ms),
      changeInWords('and the P95', first.p95Ms, middle.p95Ms, last.p95Ms),
    ].join(', ')}; a change no larger than the difference may be chance`,
  };
}

/** Requests that were answered in the whole time buckets of a part; in those that it touches, where it is too short to hold one. */
export function requestsIn(result: Result, window: Window): number {
  const { first, last } = wholeBuckets(result, window);
  return latenciesIn(result, first <= last ? { first, last } : { first: last, last: first }).count;
}

function latenciesIn(result: Result, { first, last }: { readonly first: number; readonly last: number }): Histogram {
  const latencies = new Histogram();
  for (const series of selectSeries(result, 'http_req_duration').filter(answered)) {
    for (const { i, histogram = [] } of series.buckets ?? []) {
      if (i >= first && i <= last) latencies.addSparse(histogram);
    }
  }
  return latencies;
}

/** Whether a part lies within the load, which a look that took too long can outlast. */
export function isWithinLoad(result: Result, { startMs, endMs }: Window): boolean {
  const { firstMs, lastMs } = mergeSeries(selectSeries(result, 'http_req_duration'));
  return startMs >= firstMs && endMs <= lastMs + result.bucketMs;
}

function partOf(result: Result, look: Look): Part | null {
  const { first, last } = wholeBuckets(result, look);
  const latencies = latenciesIn(result, { first, last });
  if (latencies.count === 0 || !isWithinLoad(result, look)) return null;
  const perS = latencies.count / (((last - first + 1) * result.bucketMs) / 1000);
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
  if (!before || !after || sampled === null) return `${what} by an amount that cannot be told`;
  const change = sampled / ((before + after) / 2) - 1;
  const noise = Math.abs(after / before - 1);
  return `${what} by ${change < 0 ? '' : '+'}${percent(change)} (those without it differ by ${percent(noise)} anyway)`;
}
