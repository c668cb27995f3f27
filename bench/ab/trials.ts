/**
 * How often `ab` is right, on real servers: pairs of reference servers with a known difference, each pair judged anew.
 *
 * Usage: node -r ./build/register.js bench/ab/trials.ts [condition …]
 *
 * Each finished trial is a line of `bench/results/ab-trials.jsonl`; a trial that is there already is not repeated, so that it
 * can be stopped and started again at any time. At the end, and with nothing left to do, it prints the table.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseConfig } from '../../config';
import { type AbOutcome, runAb } from '../../scripts/ab';
import { comparisonOf } from '../../scripts/ab/comparison';
import { lookLine } from '../../scripts/ab/text';
import { root } from '../../scripts/root';
import { identity } from '../../scripts/run/identity';
import { CONDITIONS, type Condition, readTrials, TRIALS_FILE, type Trial, trialsTable } from './results';

const TRIALS_EACH = 20;
const LONGEST_MS = 180_000;
/** Median service time of every operation, ms; the reference server's own medians are these. */
const MEDIAN_MS = 20;
const OWN_MEDIAN_MS = {
  'search-quick': 1.85,
  'coin-quick': 1.5,
  'market-prices': 1.85,
  'search-standard': 2.3,
  'search-deep': 2.3,
  'dsl-sync': 1.2,
};
const SIGMA = 0.45;
const READY_DEADLINE_MS = 20_000;
/** A neighbour that takes a core half of the time, in turns of a tenth of a second. */
const BURNER = `
  const turn = 100;
  (function burn() { const end = Date.now() + turn; while (Date.now() < end); setTimeout(burn, turn); })();
`;

async function startServer(factor: number, seed: number): Promise<{ url: string; child: ChildProcess }> {
  const factors = Object.entries(OWN_MEDIAN_MS).flatMap(([operation, ownMs]) => [
    '--latency-factor',
    `${operation}=${((MEDIAN_MS / ownMs) * factor).toFixed(6)}`,
  ]);
  const args = ['--port', '0', '--exit-with-parent', '--sigma', String(SIGMA), '--seed', String(seed), ...factors];
  const child = spawn(process.execPath, [join(root, 'dist', 'reference.js'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the reference server did not start')), READY_DEADLINE_MS);
    lines.once('line', (line) => {
      clearTimeout(timer);
      resolve((JSON.parse(line) as { url: string }).url);
    });
  });
  return { url, child };
}

async function runTrial({ factor, busy }: Condition, trial: number): Promise<AbOutcome> {
  const results = mkdtempSync(join(tmpdir(), 'ab-trial-'));
  const children: ChildProcess[] = [];
  try {
    const baseline = await startServer(1, 2 * trial);
    const candidate = await startServer(factor, 2 * trial + 1);
    children.push(baseline.child, candidate.child);
    if (busy) children.push(spawn(process.execPath, ['-e', BURNER], { stdio: 'ignore' }));
    return await runAb({
      baselineUrl: baseline.url,
      candidateUrl: candidate.url,
      longestMs: LONGEST_MS,
      restartBaseline: null,
      restartCandidate: null,
      out: join(results, 'ab'),
      config: parseConfig({ PERF_SEED: String(trial) }),
      env: { ...process.env, PERF_SEED: String(trial) },
      say: () => undefined,
      onLook: (look, measuredMs) => process.stderr.write(`  ${lookLine(look, measuredMs)}\n`),
    });
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(results, { recursive: true, force: true });
  }
}

async function main(wanted: readonly string[]): Promise<void> {
  const { commit } = identity('');
  let stopped = false;
  const stop = () => {
    stopped = true;
  };
  // The trial that it ends is none.
  process.on('SIGINT', stop).on('SIGTERM', stop);
  for (let trial = 1; trial <= TRIALS_EACH; trial++) {
    for (const [condition, { factor, busy }] of Object.entries(CONDITIONS)) {
      if (wanted.length > 0 && !wanted.includes(condition)) continue;
      if (readTrials().some((one) => one.condition === condition && one.trial === trial)) continue;
      process.stderr.write(`${condition}, trial ${trial}\n`);
      const outcome = await runTrial({ factor, busy }, trial);
      if (stopped) return;
      const { verdict, rows } = comparisonOf(outcome);
      const record: Trial = {
        condition,
        trial,
        commit,
        at: new Date().toISOString(),
        verdict,
        measuredMs: Math.round(outcome.measuredMs),
        pairsPerSecond: outcome.ab.pairsPerSecond,
        replicates: outcome.look?.replicates ?? 0,
        loadAverage: loadavg()[0] ?? 0,
        flaws: outcome.flaws,
        measures: rows
          .filter(({ gating }) => gating)
          .map(({ id, change, low, high, verdict: word }) => ({
            id,
            verdict: word,
            change,
            low,
            high,
            standardError: outcome.look?.measures.find((measure) => measure.id === id)?.estimate.standardError ?? 0,
          })),
      };
      appendFileSync(TRIALS_FILE, `${JSON.stringify(record)}\n`);
      process.stderr.write(`  ${verdict} after ${Math.round(outcome.measuredMs / 1000)} s\n`);
    }
  }
  process.stdout.write(trialsTable(readTrials()));
}

void main(process.argv.slice(2));
