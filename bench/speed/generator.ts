import { USER_PERIOD_S } from '../../profiles/profile';
import { ensureK6 } from '../../scripts/setup';
import { bareScript, ownRun } from './k6-loads';
import { eachOf, type Generator, type Look, looksAt, usPerRequest } from './load';
import type { Bench, Row, Size } from './row';

/** Virtual users of the bare script at a rate: more than it has requests under way at a time. */
const BARE_VUS = 50;

interface Amounts {
  readonly requestsPerS: number;
  readonly seconds: number;
  readonly times: number;
  readonly vus: number;
  readonly growthS: number;
}
const AMOUNTS: Readonly<Record<Size, Amounts>> = {
  full: { requestsPerS: 1000, seconds: 12, times: 4, vus: 1000, growthS: 600 },
  short: { requestsPerS: 50, seconds: 0.5, times: 1, vus: 50, growthS: 0.5 },
};
/** Growth is from the first to the last of so many parts of the time: of ten minutes, from the first minute to the last. */
const PARTS = 10;
const LOOKS_PER_PART = 6;
/** Linux counts memory in pages; of a growth below one it tells nothing. */
const PAGE_BYTES = 4096;

/** What k6 takes of CPU and memory with `dist/load.js` as `fiml-perf run` starts it, beside what it takes with a bare script. */
export const generator: Bench = async (size) => {
  const { path: k6 } = await ensureK6();
  const { requestsPerS, seconds, times, vus, growthS } = AMOUNTS[size];
  const bare = bareScript(k6, requestsPerS, BARE_VUS);
  const json = ownRun(k6, [], { requestsPerS });
  const csv = ownRun(k6, ['--record', 'csv'], { requestsPerS });
  const users = [bareScript(k6, vus / USER_PERIOD_S, vus), ownRun(k6, [], { users: vus })];

  const [us, peaks, grown] = (await eachOf(size, [
    () => usPerRequest(size, [bare, json, csv], { seconds, times }),
    () =>
      eachOf(
        size,
        users.map((one) => () => peakMb(one, seconds)),
      ),
    // Memory does not mind a neighbour: ten minutes are long enough once.
    () => Promise.all([bare, json].map((one) => grownMb(one, growthS))),
  ])) as [[number, number, number], [number, number], [number, number]];
  const row = (what: string, unit: string, measured: number, floor: number, atMost: number): Row => ({
    what,
    unit,
    measured,
    baseline: { name: 'bare script', measured: floor },
    target: { atMost },
  });
  return [
    row('CPU of k6 a request, as fiml-perf run starts it', 'us', us[1], us[0], 1.9),
    row('CPU of k6 a request, the same with --record csv', 'us', us[2], us[0], 1.5),
    row('memory of k6 for 1,000 virtual users', 'MB', peaks[1], peaks[0], 2),
    row("growth of k6's memory over 10 min at 1,000 requests/s", 'MB', grown[1], grown[0], 1.3),
  ];
};

/** The most memory that a generator has held by the end of a time. */
export async function peakMb(one: Generator, seconds: number): Promise<number> {
  return ((await looksAt(one, seconds)).at(-1) as Look).peakBytes / 1e6;
}

/** Most memory in the last part of a time, less the most in its first: the collector of garbage comes and goes within each. */
async function grownMb(one: Generator, seconds: number): Promise<number> {
  const looks = await looksAt(one, seconds, PARTS * LOOKS_PER_PART);
  const most = (part: readonly Look[]) => Math.max(...part.map(({ residentBytes }) => residentBytes));
  return Math.max(PAGE_BYTES, most(looks.slice(-LOOKS_PER_PART)) - most(looks.slice(0, LOOKS_PER_PART))) / 1e6;
}
