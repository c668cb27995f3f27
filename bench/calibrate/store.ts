import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writeJsonAtomically } from '../../scripts/result/files';
import { root } from '../../scripts/root';
import { type Cell, type Effort, nameOf } from './cells';
import type { CellResult } from './run-cell';

const inFolder = (folder: string, ...names: string[]): string[] => names.map((name) => `${folder}/${name}.ts`);
/** Sources on which a simulated run depends, and those on which a cell's result depends besides. */
const OF_RUNS = [
  ...inFolder('scripts', 'drift'),
  ...inFolder('scripts/observe', 'bootstrap', 'groups', 'index', 'measures', 'time-line', 'warm-up'),
  ...inFolder('scripts/result', 'histogram', 'query', 'scale'),
  ...inFolder('bench/calibrate', 'random', 'simulate', 'pool'),
];
const OF_CELLS = [
  ...OF_RUNS,
  ...inFolder('scripts/compare', 'decide', 'design', 'estimate', 'fingerprint', 'index'),
  ...inFolder('bench/calibrate', 'cells', 'mann-whitney', 'repetition', 'rules', 'run-cell'),
];

/**
 * What has been calibrated already, so that an interrupted calibration goes on where it was. It is kept under the digest of
 * the sources that it was made by: after a change of any of them it is another calibration.
 */
export class Store {
  /** Where the simulated runs are. */
  readonly runs: string;
  private readonly cells: string;

  constructor(folder: string, effort: Effort) {
    this.runs = join(folder, `runs-${digest(OF_RUNS)}`);
    this.cells = join(folder, `cells-${digest(OF_CELLS)}-${effort.repetitions}-${effort.pool}`);
    for (const made of [this.runs, this.cells]) mkdirSync(made, { recursive: true });
    const current = [basename(this.runs), basename(this.cells).slice(0, 'cells-'.length + DIGITS)];
    for (const name of readdirSync(folder)) {
      if (!current.some((start) => name.startsWith(start)))
        rmSync(join(folder, name), { recursive: true, force: true });
    }
  }

  read(cell: Cell): CellResult | null {
    const path = this.pathOf(cell);
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
  }

  write(cell: Cell, result: CellResult): void {
    writeJsonAtomically(this.pathOf(cell), result);
  }

  private pathOf(cell: Cell): string {
    return join(this.cells, `${createHash('sha256').update(nameOf(cell)).digest('hex').slice(0, DIGITS)}.json`);
  }
}

const DIGITS = 16;

function digest(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(readFileSync(join(root, path)));
  return hash.digest('hex').slice(0, DIGITS);
}
