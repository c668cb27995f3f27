// What the generator costs: CPU per request and memory per virtual user of the real script beside a bare one, and what a
// large load would take at that price. Server and generator share this machine; times are those of k6's own CPU.
// make build && node -r ./build/register.js bench/generator/main.ts
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { searchBySymbol } from '../../contract';
import { writeTextAtomically } from '../../scripts/result/files';
import { root } from '../../scripts/root';
import { identity } from '../../scripts/run/identity';
import { ensureK6 } from '../../scripts/setup';
import { table } from '../../scripts/text/table';
import { startReferenceProcess } from '../../test/support/reference';
import { type Load, measure, type Taken } from './k6';

/** Iterations a second: enough for k6's own idling not to count, and little enough for two cores with a server on them. */
const RATE = 1500;
/** The cost is that of the seconds between a short run and a long one: starting and ending are in both. */
const SHORT_S = 6;
const LONG_S = 21;
const TIMES = 2;
const VUS = [100, 1000] as const;

const BARE = join(root, 'bench', 'generator', 'bare.js');
const REAL = join(root, 'dist', 'load.js');
/** As `fiml-perf run` records samples. */
const JSON_GZ = ['json', '.json.gz'] as const;

const bare = (k6: string, url: string, seconds: number, vus = 100, rate = RATE): Load => ({
  k6,
  script: BARE,
  output: null,
  env: {
    TARGET: url,
    RATE: String(rate),
    VUS: String(vus),
    DURATION: `${seconds}s`,
    BODY: searchBySymbol('AAPL', 'quick').body ?? '',
  },
});

/** At such rates cold symbols come round sooner than they leave the cache, which the script refuses. */
const real = (k6: string, url: string, seconds: number, output: Load['output'], amount: Load['env']): Load => ({
  k6,
  script: REAL,
  output,
  env: { PERF_TARGET: url, PERF_DURATION: `${seconds}s`, PERF_COLD_SHARE: '0', ...amount },
});

const ARRIVALS = { PERF_RATE: String(RATE), PERF_SPAWN_RATE: String(RATE * 4) };
/** Users of the closed model: there a virtual user is a user, whatever the server does. */
const users = (vus: number) => ({ PERF_MODEL: 'closed', PERF_USERS: String(vus), PERF_SPAWN_RATE: String(vus) });

interface Cost {
  readonly usPerRequest: number;
  readonly perS: number;
  readonly dropped: number;
}

/** The cheapest of some times: whatever else the machine does only makes it dearer. */
async function costOf(load: (seconds: number) => Load): Promise<Cost> {
  const costs: Cost[] = [];
  for (let time = 0; time < TIMES; time++) {
    const short = await measure(load(SHORT_S));
    const long = await measure(load(LONG_S));
    const requests = long.requests - short.requests;
    costs.push({
      usPerRequest: ((long.cpuS - short.cpuS) / requests) * 1e6,
      perS: requests / (LONG_S - SHORT_S),
      dropped: long.dropped,
    });
  }
  return costs.reduce((least, one) => (one.usPerRequest < least.usPerRequest ? one : least));
}

/** What k6 holds for a virtual user: of a thousand beside a hundred, so that k6 itself does not count. */
async function bytesPerVu(load: (vus: number) => Load): Promise<{ base: number; perVu: number }> {
  const [few, many]: [Taken, Taken] = [await measure(load(VUS[0])), await measure(load(VUS[1]))];
  const perVu = (many.peakBytes - few.peakBytes) / (VUS[1] - VUS[0]);
  return { base: many.peakBytes, perVu };
}

/** What keeps answers from waiting for the generator: a fifth of its CPU left idle. */
const USABLE = 0.8;
const QUERIES_A_DAY = 10e6;
const DAY_S = 86_400;
const PEAKS = [1, 10, 100, 1000] as const;
/** How long a request may take before it counts as lost by the targets: as many virtual users as that needs are kept ready. */
const HELD_S = 0.5;
const CORES = 8;

async function main(): Promise<void> {
  const { path: k6 } = await ensureK6();
  const server = await startReferenceProcess();
  try {
    const scripts: [string, (seconds: number) => Load][] = [
      ['bare script, nothing checked, no samples', (seconds) => bare(k6, server.url, seconds)],
      ['dist/load.js, no samples', (seconds) => real(k6, server.url, seconds, null, ARRIVALS)],
      ['dist/load.js, csv', (seconds) => real(k6, server.url, seconds, ['csv', '.csv'], ARRIVALS)],
      ['dist/load.js, json, as run records it', (seconds) => real(k6, server.url, seconds, JSON_GZ, ARRIVALS)],
    ];
    const costs: [string, Cost][] = [];
    for (const [name, load] of scripts) costs.push([name, await costOf(load)]);
    const floor = costs[0]?.[1].usPerRequest ?? Number.NaN;
    const own = costs.at(-1)?.[1].usPerRequest ?? Number.NaN;

    const bareVu = await bytesPerVu((vus) => bare(k6, server.url, SHORT_S, vus, 300));
    const ownVu = await bytesPerVu((vus) => real(k6, server.url, SHORT_S, JSON_GZ, users(vus)));
    const memory: [string, { base: number; perVu: number }][] = [
      ['bare script', bareVu],
      ['dist/load.js', ownVu],
    ];
    const text = [
      `commit ${identity('').commit ?? 'unknown'}, ${cpus().length} cores (${cpus()[0]?.model}), load average ${loadavg()[0]?.toFixed(1)}; each cost the lowest of ${TIMES}`,
      '',
      table(
        ['script', 'requests/s', 'CPU a request', 'to bare', 'requests/s a core, 80 %'],
        costs.map(([name, { usPerRequest, perS }]) => [
          name,
          perS.toFixed(0),
          `${usPerRequest.toFixed(0)} us`,
          (usPerRequest / floor).toFixed(2),
          ((USABLE * 1e6) / usPerRequest).toFixed(0),
        ]),
        [1, 2, 3, 4],
      ),
      '',
      table(
        ['k6 with', '1,000 virtual users', 'each', 'to bare'],
        memory.map(([name, { base, perVu }]) => [
          name,
          `${(base / 1e6).toFixed(0)} MB`,
          `${(perVu / 1e3).toFixed(0)} KB`,
          (base / bareVu.base).toFixed(2),
        ]),
        [1, 2, 3],
      ),
      '',
      `${QUERIES_A_DAY / 1e6} million queries a day, and peaks of it, computed from the figures above:`,
      table(
        ['peak', 'requests/s', 'cores', 'virtual users', 'memory', `machines of ${CORES} cores`],
        PEAKS.map((peak) => {
          const perS = (QUERIES_A_DAY / DAY_S) * peak;
          const cores = (perS * own) / 1e6 / USABLE;
          const vus = Math.ceil(perS * HELD_S);
          return [
            `${peak} x`,
            perS.toFixed(0),
            cores.toFixed(cores < 10 ? 2 : 0),
            String(vus),
            `${((vus * ownVu.perVu) / 1e9).toFixed(1)} GB`,
            String(Math.ceil(cores / CORES)),
          ];
        }),
        [1, 2, 3, 4, 5],
      ),
      '',
    ].join('\n');
    process.stdout.write(text);
    writeTextAtomically(join(root, 'bench', 'results', 'generator.txt'), text);
  } finally {
    await server.stop();
  }
}

void main();
