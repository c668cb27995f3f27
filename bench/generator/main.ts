// What each part of the generator costs, and what a large load would take at that price: docs/performance.md, docs/scaling.md.
// make build && node -r ./build/register.js bench/generator/main.ts
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { writeTextAtomically } from '../../scripts/result/files';
import { root } from '../../scripts/root';
import { identity } from '../../scripts/run/identity';
import { ensureK6 } from '../../scripts/setup';
import { table } from '../../scripts/text/table';
import { peakMb } from '../speed/generator';
import { type Amount, BUSY_USERS, bareScript, ownRun, ownScript, samplesAlone } from '../speed/k6-loads';
import { type Generator, usPerRequest } from '../speed/load';

const SECONDS = 12;
const TIMES = 4;
const VUS = [100, 1000] as const;

/** What keeps answers from waiting for the generator: a fifth of its CPU left idle. */
const USABLE = 0.8;
const QUERIES_A_DAY = 10e6;
const DAY_S = 86_400;
const PEAKS = [1, 10, 100, 1000] as const;
/** How long a request may take before it counts as lost by the targets: as many virtual users as that needs are kept ready. */
const HELD_S = 0.5;
const CORES = 8;

/** What k6 holds for a virtual user: of a thousand beside a hundred, so that k6 itself does not count. */
async function memoryOf(name: string, load: (vus: number) => Generator) {
  const [few, many] = [await peakMb(load(VUS[0]), SECONDS), await peakMb(load(VUS[1]), SECONDS)];
  return { name, totalMb: many, perVuMb: (many - few) / (VUS[1] - VUS[0]) };
}

async function main(): Promise<void> {
  const { path: k6, version } = await ensureK6();
  const amount: Amount = { busyUsers: BUSY_USERS };
  const bare = bareScript(k6, amount);
  const own = ownRun(k6, [], amount);
  // After what k6 takes by itself, each has what the one before it has, and one thing more; csv and json are one instead of the other.
  const generators = [
    bare,
    samplesAlone(k6, ['--record', 'csv'], BUSY_USERS),
    samplesAlone(k6, [], BUSY_USERS),
    ownScript('plain k6, no thresholds', k6, ['--no-thresholds', '--summary-mode', 'disabled'], amount),
    ownScript('plain k6', k6, [], amount),
    ownRun(k6, ['--record', 'csv'], amount),
    own,
    ownRun(k6, ['--live'], amount),
  ];
  const costs = await usPerRequest('full', generators, { seconds: SECONDS, times: TIMES });
  const costOf = (one: Generator) => costs[generators.indexOf(one)] as number;
  const bareVus = await memoryOf('bare script', (users) => bareScript(k6, { users }));
  const ownVus = await memoryOf('fiml-perf run load', (users) => ownRun(k6, [], { users }));
  const text = [
    `commit ${identity(version).commit ?? 'unknown'}, ${cpus().length} cores (${cpus()[0]?.model}), load average ${loadavg()[0]?.toFixed(1)}; ${BUSY_USERS} busy users on one core, each cost the lowest of ${TIMES}`,
    '',
    table(
      ['script', 'CPU a request', 'to bare', 'requests/s a core, 80 %'],
      generators.map((one) => {
        const us = costOf(one);
        return [one.name, `${us.toFixed(0)} us`, (us / costOf(bare)).toFixed(2), ((USABLE * 1e6) / us).toFixed(0)];
      }),
      [1, 2, 3],
    ),
    '',
    table(
      ['k6 with', '1,000 virtual users', 'each', 'to bare'],
      [bareVus, ownVus].map(({ name, totalMb, perVuMb }) => [
        name,
        `${totalMb.toFixed(0)} MB`,
        `${(perVuMb * 1000).toFixed(0)} KB`,
        (totalMb / bareVus.totalMb).toFixed(2),
      ]),
      [1, 2, 3],
    ),
    '',
    `${QUERIES_A_DAY / 1e6} million queries a day, and peaks of it, computed from the figures above:`,
    table(
      ['peak', 'requests/s', 'cores', 'virtual users', 'memory', `machines of ${CORES} cores`],
      PEAKS.map((peak) => {
        const perS = (QUERIES_A_DAY / DAY_S) * peak;
        const cores = (perS * costOf(own)) / 1e6 / USABLE;
        const vus = Math.ceil(perS * HELD_S);
        return [
          `${peak} x`,
          perS.toFixed(0),
          cores.toFixed(cores < 10 ? 2 : 0),
          String(vus),
          `${((vus * ownVus.perVuMb) / 1000).toFixed(1)} GB`,
          String(Math.ceil(cores / CORES)),
        ];
      }),
      [1, 2, 3, 4, 5],
    ),
    '',
  ].join('\n');
  process.stdout.write(text);
  writeTextAtomically(join(root, 'bench', 'results', 'generator.txt'), text);
}

void main();
