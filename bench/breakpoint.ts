/**
 * How well a breakpoint is found: reference servers of known capacities, each loaded until it breaks.
 *
 * Usage: node -r ./build/register.js bench/breakpoint.ts
 *
 * A run that says that it cannot tell is made again. Every run is a line of `bench/results/breakpoint.jsonl`, and the table of all is printed at the end. The bundles must have
 * been built. Servers and k6 come before this machine's other processes where the system allows it.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { breakpointOf } from '../scripts/judge/breakpoint';
import { readEvidence } from '../scripts/result/evidence';
import { root } from '../scripts/root';
import { identity } from '../scripts/run/identity';
import { ensureK6 } from '../scripts/setup';
import { table } from '../scripts/text/table';
import { COMES_FIRST, comeFirst, knownCapacity, limitedServer, rateFor } from '../test/support/capacity';
import { cli, verdictIn, wrapK6 } from '../test/support/cli';
import { reference, stopReferences } from '../test/support/reference';

const RESULTS = join(root, 'bench', 'results', 'breakpoint.jsonl');
/** Requests that the servers serve at once: five times the same, then a smaller and a larger one. */
const PLACES = [26, 26, 26, 26, 26, 18, 40];
const TIME_SCALE = 0.2;
const MOST_ATTEMPTS = 4;
/** How often the capacity holds the lowest step: each trial has the capacity at another place between two steps. */
const aboveOf = (at: number): number => 1.35 * 1.05 ** (at / 5);

interface Trial {
  readonly atMs: number;
  readonly commit: string | null;
  readonly places: number;
  readonly knownPerS: number;
  readonly verdict: string;
  readonly foundPerS: number | null;
  readonly brokenPerS: number | null;
  /** Of the found to the known capacity. */
  readonly error: number | null;
  readonly lengthS: number;
  readonly loadAverage: number;
}

async function trial(places: number, above: number, folder: string, k6: string): Promise<Trial> {
  const server = await reference(...limitedServer(places));
  try {
    const known = await knownCapacity(server, places);
    const args = [
      '--rate',
      String(rateFor(known, above)),
      '--time-scale',
      String(TIME_SCALE),
      '--seed',
      String(Date.now() % 1000),
    ];
    const { stderr } = await cli(
      ['run', 'load', '--profile', 'breakpoint', '--target', server.url, '--out', folder, ...args],
      { env: { PERF_K6: k6 } },
    );
    if (!existsSync(join(folder, 'verdict.json'))) throw new Error(stderr);
    const { run, result } = readEvidence(folder);
    const found = result === null ? null : breakpointOf(run, result);
    const rateAt = (at: number | null | undefined) =>
      at === null || at === undefined ? null : (found?.steps[at]?.ratePerS ?? null);
    const foundPerS = rateAt(found?.last);
    return {
      atMs: Date.now(),
      commit: identity('').commit,
      places,
      knownPerS: Number(known.toFixed(1)),
      verdict: verdictIn(folder).verdict,
      foundPerS,
      brokenPerS: rateAt(found?.first),
      error: foundPerS === null ? null : Number((foundPerS / known - 1).toFixed(4)),
      lengthS: Math.round((run.k6.endedAtMs - run.k6.startedAtMs) / 1000),
      loadAverage: loadavg()[0] ?? 0,
    };
  } finally {
    await stopReferences();
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fiml-perf-bench-breakpoint-'));
  const k6 = wrapK6(folder, (await ensureK6()).path, COMES_FIRST);
  comeFirst();
  try {
    for (const [at, places] of PLACES.entries()) {
      for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
        const done = await trial(places, aboveOf(at), join(folder, `${at}-${attempt}`), k6);
        appendFileSync(RESULTS, `${JSON.stringify(done)}\n`);
        if (done.verdict !== 'INVALID') break;
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`${resultsTable()}\n`);
}

function resultsTable(): string {
  const lines = readFileSync(RESULTS, 'utf8').trim().split('\n');
  const shown = lines.map((line) => JSON.parse(line) as Trial);
  return table(
    ['commit', 'places', 'known', 'found', 'broken at', 'error', 'verdict', 'length'],
    shown.map(({ commit, places, knownPerS, foundPerS, brokenPerS, error, verdict, lengthS }) => [
      commit?.slice(0, 7) ?? '–',
      String(places),
      `${knownPerS} /s`,
      foundPerS === null ? '–' : `${foundPerS} /s`,
      brokenPerS === null ? '–' : `${brokenPerS} /s`,
      error === null ? '–' : `${(error * 100).toFixed(1)} %`,
      verdict,
      `${lengthS} s`,
    ]),
    [1, 2, 3, 4, 5, 7],
  );
}

void main();
