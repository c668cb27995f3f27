// How long `fiml-perf compare` takes for five runs against five, from the command line to its end, as a ratio to plain
// JSON.parse of the same ten result.json.
// node -r ./build/register.js bench/compare.ts [folder of a run, results/latest when not given]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Run } from '../scripts/result/run';
import { root } from '../scripts/root';

const RUNS_A_SIDE = 5;
const RUN_EVERY_MS = 90_000;
const FILES = ['run.json', 'result.json', 'summary.json', 'samples.json.gz'];
const REPEATS = 5;

/** Ten runs of their own that measured the same: what a comparison reads does not depend on what it finds. */
function copies(source: string, folder: string): string[] {
  return Array.from({ length: 2 * RUNS_A_SIDE }, (_, at) => {
    const copy = join(folder, String(at));
    for (const file of FILES) cpSync(join(source, file), join(copy, file));
    const run = JSON.parse(readFileSync(join(copy, 'run.json'), 'utf8')) as Run;
    const startedAtMs = run.k6.startedAtMs + at * RUN_EVERY_MS;
    writeFileSync(
      join(copy, 'run.json'),
      JSON.stringify({
        ...run,
        id: `${run.id}-${at}`,
        k6: { ...run.k6, startedAtMs, endedAtMs: startedAtMs + 75_000 },
      }),
    );
    return copy;
  });
}

function fastest(action: () => void): number {
  const times = Array.from({ length: REPEATS }, () => {
    const startedAt = performance.now();
    action();
    return performance.now() - startedAt;
  });
  return Math.min(...times);
}

function main(source: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-compare-'));
  try {
    const runs = copies(resolve(source), folder);
    const sides = [...runs.slice(0, RUNS_A_SIDE).flatMap((run) => ['--baseline', run]), ...runs.slice(RUNS_A_SIDE)];
    const compareMs = fastest(() => {
      const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin', 'fiml-perf.js'), 'compare', ...sides], {
        encoding: 'utf8',
        env: { ...process.env, PERF_HISTORY: folder },
      });
      // The copies' samples are of another time, which makes them INVALID: all of the work is done all the same.
      if (status !== 0 && status !== 3) throw new Error(stderr);
    });
    const parse = `for (const file of process.argv.slice(1)) JSON.parse(require('node:fs').readFileSync(file, 'utf8'))`;
    const parseMs = fastest(() => {
      spawnSync(process.execPath, ['-e', parse, ...runs.map((run) => join(run, 'result.json'))]);
    });
    process.stdout.write(
      `compare ${RUNS_A_SIDE} + ${RUNS_A_SIDE} runs: ${(compareMs / 1000).toFixed(2)} s, ` +
        `JSON.parse of the same files: ${(parseMs / 1000).toFixed(2)} s, ratio ${(compareMs / parseMs).toFixed(1)}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main(process.argv[2] ?? join('results', 'latest'));
