import { ensureK6 } from '../../scripts/setup';
import { type Amount, BUSY_USERS, bareScript, ownRun } from './k6-loads';
import { eachOf, type Generator, type Look, looksAt, usPerRequest } from './load';
import type { Bench, Row, Size } from './row';

interface Amounts {
  readonly busyUsers: number;
  readonly seconds: number;
  readonly times: number;
  readonly users: number;
  readonly requestsPerS: number;
  readonly growthS: number;
}
const AMOUNTS: Readonly<Record<Size, Amounts>> = {
  full: { busyUsers: BUSY_USERS, seconds: 12, times: 4, users: 1000, requestsPerS: 1000, growthS: 600 },
  short: { busyUsers: 5, seconds: 0.5, times: 1, users: 50, requestsPerS: 50, growthS: 0.5 },
};
/** Growth is from the first to the last of so many parts of the time: of ten minutes, from the first minute to the last. */
const PARTS = 10;
const LOOKS_PER_PART = 6;
/** Linux counts memory in pages; of a growth below one it tells nothing. */
const PAGE_BYTES = 4096;

/** What k6 takes of CPU and memory with `dist/load.js` as `fiml-perf run` starts it, beside what it takes with a bare script. */
export const generator: Bench = async (size) => {
  const { path: k6 } = await ensureK6();
  const { busyUsers, seconds, times, users, requestsPerS, growthS } = AMOUNTS[size];
  const busy = [
    bareScript(k6, { busyUsers }),
    ownRun(k6, [], { busyUsers }),
    ownRun(k6, ['--record', 'csv'], { busyUsers }),
  ];
  const both = (amount: Amount) => [bareScript(k6, amount), ownRun(k6, [], amount)];

  const [us, peaks, grown] = (await eachOf(size, [
    () => usPerRequest(size, busy, { seconds, times }),
    () =>
      eachOf(
        size,
        both({ users }).map((one) => () => peakMb(one, seconds)),
      ),
    // Memory does not mind a neighbour: ten minutes are long enough once.
    () => Promise.all(both({ requestsPerS }).map((one) => grownMb(one, growthS))),
  ])) as [[number, number, number], [number, number], [number, number]];
  const row = (what: string, unit: string, measured: number, floor: number, atMost: number): Row => ({
    what,
    unit,
    measured,
    baseline: { name: 'bare script', measured: floor },
    target: { atMost },
  });
  return [
    row('CPU of k6 a request, as fiml-perf run starts it, of busy users', 'us', us[1], us[0], 1.9),
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
