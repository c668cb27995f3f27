import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT_FAIL, EXIT_INVALID, EXIT_OK } from '../../scripts/exit-codes';
import { largeRun } from '../../test/support/large-run';
import type { Bench, Size } from './row';
import { timed } from './timed';

const OPERATIONS = 20;
/** 50 iterations a second with their polls, probes and refills. */
const REQUESTS_PER_S = 80;
const AMOUNTS: Readonly<Record<Size, { steadyMs: number; times: number }>> = {
  full: { steadyMs: 3_600_000, times: 7 },
  short: { steadyMs: 10_000, times: 1 },
};

/** How long `fiml-perf judge` and `fiml-perf report` take for a run, from their start to their end. */
export const judge: Bench = async (size) => {
  const { steadyMs, times } = AMOUNTS[size];
  const folder = mkdtempSync(join(tmpdir(), 'bench-judge-'));
  try {
    const { run, result, summary } = largeRun({ operations: OPERATIONS, steadyMs, requestsPerS: REQUESTS_PER_S });
    for (const [name, value] of Object.entries({ run, result, summary })) {
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(value));
    }
    const seconds = (step: string) =>
      timed(process.execPath, ['bin/fiml-perf.js', step, folder], [EXIT_OK, EXIT_FAIL, EXIT_INVALID]);
    return [
      {
        what: `judge and report of an hour's run, ${OPERATIONS} operations`,
        unit: 's',
        // Whatever else the machine does only makes it slower.
        measured: Math.min(...Array.from({ length: times }, () => seconds('judge') + seconds('report'))),
        baseline: null,
        target: { atMost: 2 },
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
