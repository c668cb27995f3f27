// How often the suite's comparisons are wrong, and how often they find what is there, on simulated servers; side by side
// with what is usually done. node -r ./build/register.js bench/calibrate/main.ts [--quick] [--workers N]
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeTextAtomically } from '../../scripts/result/files';
import { root } from '../../scripts/root';
import { identity } from '../../scripts/run/identity';
import { cellsOf, FULL, nameOf, QUICK } from './cells';
import { checksOf, type Measured } from './checks';
import { Crew } from './crew';
import { isMade, partsOf } from './pool';
import { asJson, asMarkdown, asText } from './report';
import { shiftError } from './shift-error';
import { Store } from './store';
import type { Task } from './worker';

const CACHE = join(
  process.env.PERF_CACHE_DIR ? resolve(process.env.PERF_CACHE_DIR) : join(root, '.cache'),
  'calibrate',
);
const RESULTS = join(root, 'bench', 'results');

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { quick: { type: 'boolean' }, workers: { type: 'string' } } });
  const effort = values.quick ? QUICK : FULL;
  mkdirSync(CACHE, { recursive: true });
  const store = new Store(CACHE, effort);
  const parts = partsOf(effort);
  const crew = new Crew(Number(values.workers ?? availableParallelism()), { folder: store.runs, parts });
  const measured: Measured[] = [];
  try {
    const open = parts.filter((part) => !isMade(store.runs, part)).map((part) => ({ part }));
    const made = progress('simulated runs', open.length);
    await crew.all(open, made);
    const cells = cellsOf(effort);
    const missing = cells.filter((cell) => store.read(cell) === null).map((cell) => ({ cell }));
    const judged = progress('comparisons', missing.length);
    await crew.all<Extract<Task, { cell: unknown }>>(missing, ({ cell }, result) => {
      if (result !== null) store.write(cell, result);
      judged();
    });
    for (const cell of cells) {
      const result = store.read(cell);
      if (result === null) throw new Error(`${nameOf(cell)} has no result`);
      measured.push({ cell, result });
    }
  } finally {
    await crew.dismiss();
  }
  const checks = checksOf(measured, effort === FULL);
  const { commit, dirty, host } = identity('');
  const calibration = {
    commit,
    dirty,
    date: new Date().toISOString().slice(0, 10),
    host,
    measured,
    checks,
    shiftError: shiftError(),
  };
  process.stdout.write(asText(calibration));
  if (effort === FULL) {
    mkdirSync(RESULTS, { recursive: true });
    writeTextAtomically(join(RESULTS, 'calibration.json'), asJson(calibration));
    writeTextAtomically(join(RESULTS, 'calibration.md'), asMarkdown(calibration));
  }
  if (checks.some(({ required, held }) => required && !held)) process.exitCode = 1;
}

/** Tells every tenth of the way on standard error. */
function progress(what: string, tasks: number): () => void {
  let done = 0;
  return () => {
    done += 1;
    if (Math.floor((10 * done) / tasks) > Math.floor((10 * (done - 1)) / tasks)) {
      process.stderr.write(`${what}: ${Math.floor((100 * done) / tasks)} %\n`);
    }
  };
}

void main();
