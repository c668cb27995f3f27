import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, type OverrideName } from '../../config';
import { comparisonOf } from '../ab/comparison';
import { runAb } from '../ab/index';
import { keepAb } from '../ab/keep';
import { SHORTEST_WITH_RESTARTS_MS } from '../ab/longest';
import { abText } from '../ab/text';
import { comparisonAnnotations } from '../compare/annotations';
import { UserError } from '../errors';
import { EXIT_FAIL, EXIT_INVALID, EXIT_OK } from '../exit-codes';
import { problemsOf } from '../full/plan';
import { targetClient } from '../http';
import { effectiveOverrides } from '../overrides/effective';
import { annotations } from '../report/annotations';
import { problemOf } from '../report/problem';
import type { Ci, CiPart } from '../result/ci';
import { writeJsonAtomically } from '../result/files';
import type { VerdictWord } from '../result/verdict';
import type { CollectingWriter } from '../result/writer';
import { executeRun, type PreparedRun, prepareRun } from '../run';
import { finishRun } from '../run/finish';
import { InterruptedError } from '../setup';
import { printable } from '../text/printable';
import { Server } from './server';

export interface CiRequest {
  readonly scenario: string;
  /** Command that starts the server at PERF_TARGET; null: it is running. */
  readonly start: string | null;
  /** Address of the server to compare with; null: targets only. */
  readonly baseUrl: string | null;
  readonly startBase: string | null;
  /** Longest time of the comparison, ms. */
  readonly longestMs: number;
  readonly out: string;
  readonly failOn: readonly VerdictWord[];
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Keeps what cannot be written. */
  readonly write: CollectingWriter;
}

/**
 * Measures the targets of a server, and then whether it is slower than another, which only then is started. Each part has
 * its folder below `out`; what keeps one from being measured stops no other.
 *
 * With commands for both servers, and time enough, they are started anew for each look of the comparison, so that it is
 * about the programs.
 *
 * @throws UserError, ConfigError or LimitsError, before anything is started, for what is wrong with the request.
 */
export async function measure(request: CiRequest): Promise<Ci> {
  const { start, startBase, baseUrl, out, write } = request;
  const prepared = prepare(request);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const serverOf = (side: string, option: string, command: string | null, url: string | null): Server | null => {
    if (command === null) return null;
    const client = targetClient({ ...prepared.config, PERF_TARGET: url });
    return new Server({ option, command, client, log: join(out, `${side}.log`), stopped: interrupted.signal });
  };
  const head = serverOf('head', '--start', start, prepared.config.PERF_TARGET);
  const base = serverOf('base', '--start-base', startBase, baseUrl);
  try {
    const parts = [
      await partOf('targets', request, async () => {
        await head?.ready();
        await measureTargets(request, prepared, interrupted.signal);
      }),
    ];
    if (baseUrl !== null) {
      const pair = pairOf(request, baseUrl);
      parts.push(
        await partOf('ab', request, async () => {
          await head?.ready();
          await base?.ready();
          if (interrupted.signal.aborted) throw new InterruptedError();
          await measureAb(request, pair, base, head);
        }),
      );
    }
    const ci: Ci = { schema: 'fiml-perf/ci', version: 1, createdAt: new Date().toISOString(), parts };
    write(() => writeJsonAtomically(join(out, 'ci.json'), ci));
    return ci;
  } finally {
    await head?.close();
    await base?.close();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function prepare(request: CiRequest): PreparedRun {
  const { scenario, env, out, stderr, baseUrl, startBase } = request;
  const prepared = prepareRun({ scenario, env, flags: {}, out: join(out, 'targets'), stream: stderr, quiet: true });
  const problems: string[] = [];
  if (prepared.config.PERF_TARGET === null) problems.push('no server is named: set PERF_TARGET to its address');
  if (startBase !== null && baseUrl === null) problems.push('--start-base needs --base, the address of that server');
  if (problems.length > 0) throw new ConfigError(problems);
  // A mistake in what comes second would be told minutes later.
  if (baseUrl !== null) pairOf(request, baseUrl);
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    throw new UserError(`${out} cannot be made (${(error as NodeJS.ErrnoException).code}): give another --out`);
  }
  if (existsSync(join(out, 'ci.json'))) {
    throw new UserError(`${out} already holds what was measured before: give another --out, or remove it`);
  }
  return prepared;
}

type Pair = ReturnType<typeof effectiveOverrides>;

/** What is said of the targets and of their load: a comparison has neither, and chooses its own length. */
const OF_TARGETS = [
  'PERF_ONLY',
  'PERF_THRESHOLDS',
  'PERF_PROFILE',
  'PERF_MODEL',
  'PERF_USERS',
  'PERF_SPAWN_RATE',
  'PERF_DURATION',
  'PERF_TIME_SCALE',
] as const satisfies readonly OverrideName[];

function pairOf({ env }: CiRequest, baseUrl: string): Pair {
  const others = Object.entries(env).filter(([name]) => !(OF_TARGETS as readonly string[]).includes(name));
  return effectiveOverrides(Object.fromEntries(others), {
    PERF_TARGET: baseUrl,
    PERF_CANDIDATE: env.PERF_TARGET ?? '',
  });
}

/** Does a part; what keeps it from a verdict is kept in its place. */
async function partOf(name: CiPart['name'], { stdout }: CiRequest, work: () => Promise<void>): Promise<CiPart> {
  try {
    await work();
    return { name, problem: null };
  } catch (error) {
    const problem =
      error instanceof InterruptedError
        ? problemOf(['it was interrupted'], EXIT_INVALID)
        : problemOf(problemsOf(error));
    stdout.write(`\n${name}: no verdict\n${problem.reasons.map((reason) => `  ${printable(reason)}\n`).join('')}`);
    stdout.write(annotations({ ...problem, verdict: `${name} INVALID` }));
    return { name, problem };
  }
}

async function measureTargets(request: CiRequest, prepared: PreparedRun, stopped: AbortSignal): Promise<void> {
  const { failOn, stdout, write } = request;
  const executed = await executeRun(prepared, { stopped });
  const { verdict, console: text, problems } = await finishRun(prepared, executed, failOn);
  stdout.write(`${text(false)}${annotations(verdict)}`);
  write.problems.push(...problems);
}

async function measureAb(request: CiRequest, pair: Pair, base: Server | null, head: Server | null): Promise<void> {
  const { failOn, stdout, stderr, write, out, longestMs } = request;
  const restarts = base !== null && head !== null && longestMs >= SHORTEST_WITH_RESTARTS_MS;
  const outcome = await runAb({
    baselineUrl: pair.config.PERF_TARGET as string,
    candidateUrl: pair.config.PERF_CANDIDATE as string,
    longestMs,
    restartBaseline: restarts ? () => base.restart() : null,
    restartCandidate: restarts ? () => head.restart() : null,
    out: join(out, 'ab'),
    ...pair,
    say: (line) => stderr.write(`${line}\n`),
    onLook: () => undefined,
  });
  const found = comparisonOf(outcome);
  const fails = found.exitCode === EXIT_OK && (failOn as readonly string[]).includes(found.verdict);
  const comparison = fails ? { ...found, exitCode: EXIT_FAIL } : found;
  stdout.write(`${abText(comparison, outcome.measuredMs, false)}${comparisonAnnotations(comparison)}`);
  keepAb(outcome, comparison, write);
}
