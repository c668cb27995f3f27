import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import type { Run } from '../result/run';
import { root } from '../root';
import { suiteVersion } from '../suite-version';

/** What a run was made with: the suite and its commit, k6, Node, and this machine, without its name. */
export function identity(k6Version: string): Run['identity'] {
  const commit = git('rev-parse', 'HEAD');
  // What runs and benches leave beside the sources is no change of the suite.
  const changes = git('status', '--porcelain', '--', '.', ':!history', ':!baselines', ':!bench/results');
  return {
    commit,
    dirty: changes === null ? null : changes !== '',
    suiteVersion: suiteVersion(),
    k6Version,
    nodeVersion: process.version,
    host: {
      cpuModel: cpus()[0]?.model ?? 'unknown',
      cpus: cpus().length,
      memoryBytes: totalmem(),
      os: `${type()} ${release()}`,
    },
  };
}

/** The kind of machine, in words: figures from machines of two kinds cannot be compared. */
export const hostClass = ({ cpuModel, cpus: count, memoryBytes, os }: Run['identity']['host']): string =>
  `${count} × ${cpuModel}, ${Math.round(memoryBytes / 2 ** 30)} GB, ${os.split(' ')[0]}`;

/** Null without git, or where this is no checkout. */
function git(...args: string[]): string | null {
  const result = spawnSync('git', args, { cwd: root, encoding: 'utf8', timeout: 10_000 });
  return result.status === 0 ? result.stdout.trim() : null;
}
