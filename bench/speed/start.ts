import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT_OK, EXIT_USAGE } from '../../scripts/exit-codes';
import { readJson } from '../../scripts/result/files';
import { runSchema } from '../../scripts/result/run';
import type { Bench, Size } from './row';
import { timed } from './timed';

/** The load of `make test-performance` is its own minute; of the short form about the shortest that a run may have. */
const AMOUNTS: Readonly<Record<Size, { helps: number; overrides: readonly string[] }>> = {
  full: { helps: 10, overrides: [] },
  short: { helps: 1, overrides: ['PERF_DURATION=10s', 'PERF_TIME_SCALE=0.1', 'PERF_PROBE_RATE=5'] },
};

/** What a user waits for beside the load, when set-up, bundles and compiled code are there. */
export const start: Bench = async (size) => {
  const { helps, overrides } = AMOUNTS[size];
  // The first may have to build and to compile.
  const seconds = Array.from({ length: helps + 1 }, () =>
    timed(process.execPath, ['bin/fiml-perf.js', '--help'], [EXIT_OK]),
  );
  if (size === 'full') beyondTheLoad(AMOUNTS.short.overrides);
  return [
    { what: 'fiml-perf --help', unit: 's', measured: Math.min(...seconds), baseline: null, target: { atMost: 0.3 } },
    {
      what: 'make test-performance beyond the load itself, second time',
      unit: 's',
      measured: beyondTheLoad(overrides),
      baseline: null,
      target: { atMost: 5 },
    },
  ];
};

/**
 * From `make` to its end, less the load as the plan has it, from the first ramp to the end of the last. Answers that are waited for
 * after that count as beyond it.
 */
function beyondTheLoad(overrides: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'bench-start-'));
  try {
    const run = join(folder, 'run');
    const args = ['test-performance', `ARGS=--out ${run}`, `PERF_HISTORY=${folder}`, ...overrides];
    // make ends with 2 whatever its recipe ended with; that there is a run tells more.
    const took = timed('make', args, [EXIT_OK, EXIT_USAGE]);
    const { plan } = readJson(join(run, 'run.json'), runSchema, 'what was run');
    if (plan === null) throw new Error('the run had no plan');
    return took - plan.durationMs / 1000;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
