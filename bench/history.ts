// How long a history takes to be read, searched for changes, told and drawn, as a ratio to plain JSON.parse of each line of
// the same file.
// node -r ./build/register.js bench/history.ts [runs, 800 when not given] [measures, 20]
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { readHistory } from '../scripts/history/file';
import { plot } from '../scripts/history/plot';
import { historyText } from '../scripts/history/text';
import { historyView } from '../scripts/history/trend';
import type { Measure, Observation } from '../scripts/result/observation';
import { ranAsChild, timePass } from './pass';

const FIRST_MS = Date.parse('2026-01-01T06:00:00Z');
const RUN_EVERY_MS = 6 * 3600_000;
/** Runs between two changes. */
const CHANGE_EVERY = 100;

/** Runs that vary by 3 %, with a change of 10 % every hundred. */
function generate(path: string, runs: number, measures: number): void {
  const generator = xoroshiro128plus(1);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - uniformFloat64(generator))) * Math.cos(2 * Math.PI * uniformFloat64(generator));
  const measureOf = (run: number, at: number): Measure => ({
    id: `operation${at}.p95`,
    title: `Operation ${at}, P95`,
    operation: `operation${at}`,
    statistic: 'p95',
    unit: 'ms',
    scale: 'ratio',
    worse: 'higher',
    value: 100 * (1 + 0.1 * (Math.floor(run / CHANGE_EVERY) % 2)) * Math.exp(0.03 * normal()),
    withinVariance: 1e-4,
    samples: 5000,
    gating: true,
    insufficient: null,
  });
  const lines = Array.from({ length: runs }, (_, run) => {
    const startedAtMs = FIRST_MS + run * RUN_EVERY_MS;
    const observation: Observation = {
      schema: 'fiml-perf/observation',
      version: 1,
      runId: `run-${run}`,
      startedAtMs,
      endedAtMs: startedAtMs + 60_000,
      scenario: 'load',
      profile: 'smoke',
      fingerprint: { k6: '2', profile: 'smoke' },
      identity: {
        commit: `commit${run}`,
        dirty: false,
        target: 'a server',
        targetVersion: '1',
        suiteVersion: '1',
      },
      verdict: 'PASS',
      flaws: [],
      warnings: [],
      measures: Array.from({ length: measures }, (_, at) => measureOf(run, at)),
    };
    return `${JSON.stringify(observation)}\n`;
  });
  writeFileSync(path, lines.join(''));
}

function plainPass(path: string): number {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && JSON.parse(line).schema === 'fiml-perf/observation').length;
}

function changesIn(path: string, draws: boolean): number {
  const view = historyView('load.smoke', readHistory(path), null);
  if (historyText(view).length === 0 || (draws && plot(view).length === 0)) throw new Error('nothing was shown');
  return view.trends.reduce(
    (sum, { changes }) => sum + changes.filter(({ status }) => status === 'confirmed').length,
    0,
  );
}

function main(): void {
  const [runs, measures] = [Number(process.argv[2] ?? 800), Number(process.argv[3] ?? 20)];
  const folder = mkdtempSync(join(tmpdir(), 'bench-history-'));
  try {
    const path = join(folder, 'load.smoke.jsonl');
    generate(path, runs, measures);
    const plain = timePass(__filename, 'plain', path);
    console.log(
      `${runs} runs of ${measures} measures, ${(statSync(path).size / 1e6).toFixed(1)} MB; ` +
        `JSON.parse of each line ${plain.seconds.toFixed(3)} s`,
    );
    for (const way of ['told', 'drawn']) {
      const own = timePass(__filename, way, path);
      console.log(
        `read, searched and ${way}: ${own.seconds.toFixed(2)} s, ${own.found} changes found of ` +
          `${measures * Math.floor((runs - 1) / CHANGE_EVERY)}, peak ${own.peakMb.toFixed(0)} MB; ratio ${(own.seconds / plain.seconds).toFixed(1)}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (!ranAsChild((way, path) => (way === 'plain' ? plainPass(path) : changesIn(path, way === 'drawn')))) main();
