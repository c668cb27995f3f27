import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Config, withoutCredentials } from '../../config';
import { preflight, targetSnapshot } from '../doctor';
import { UserError } from '../errors';
import { targetClient } from '../http';
import { secretsOf, withoutHarmful } from '../overrides/effective';
import { AB_VERSION, type Ab } from '../result/ab';
import { readSummary } from '../result/evidence';
import type { TargetSnapshot } from '../result/run';
import { root } from '../root';
import { makeRunFolder, type RunFolder } from '../run/folder';
import { type K6Outcome, runK6 } from '../run/k6';
import { openK6Log } from '../run/log';
import { ensureK6 } from '../setup';
import { analyse, isDecided, type Look } from './analyse';
import { flawsOf, type RoundEvidence } from './flaws';
import { alphaOfLook, looksOf, roundLooks } from './looks';
import { watchMachine } from './machine-cpu';
import { type ChosenRate, chooseRate } from './rate';
import { PairReader } from './samples';
import type { Restart } from './servers';

export interface AbRequest {
  readonly baselineUrl: string;
  readonly candidateUrl: string;
  /** Most time that is spent on measuring, ms. */
  readonly longestMs: number;
  /** What restarts a server; null: the comparison is about these two processes. */
  readonly restartBaseline: Restart | null;
  readonly restartCandidate: Restart | null;
  /** The folder of this comparison; null for a new one under `PERF_RESULTS`. */
  readonly out: string | null;
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  /** Told after each look. */
  readonly onLook: (look: Look, measuredMs: number) => void;
}

export interface AbOutcome {
  readonly folder: RunFolder;
  readonly ab: Ab;
  /** The last look; null when there never was enough to look at. */
  readonly look: Look | null;
  readonly flaws: string[];
  readonly versions: readonly [string | null, string | null];
  readonly measuredMs: number;
  /** Share of this machine's CPU that was in use meanwhile, by whatever; null where the system does not tell. */
  readonly machineShare: number | null;
}

/** Shortest stretch that counts as one observation: several hundred pairs, and longer than a burst of the machine. */
const BLOCK_MS = 2000;
/** Measuring time between two restarts: how processes differ is learnt from many of them, not from long looks at one. */
export const ROUND_MS = 8000;

/**
 * Compares two servers by asking both the same, from one k6 process, until the answer is known.
 *
 * What disturbs the machine disturbs both alike, so that a small change can be told in a minute on a noisy machine. With
 * restart commands, process start-ups are the replicates, and the verdict is about the two builds; without, it is about
 * these two processes.
 *
 * @throws UserError before any load when a server does not answer as FIML, or when both are the same.
 */
export async function runAb(request: AbRequest): Promise<AbOutcome> {
  const { config, say } = request;
  const k6 = await ensureK6({ env: request.env, log: say });
  const folder = makeRunFolder(config.PERF_RESULTS, request.out, 'ab', new Date());
  const [baseline, candidate] = [request.baselineUrl, request.candidateUrl].map((url) =>
    targetClient({ ...config, PERF_TARGET: url }),
  ) as [ReturnType<typeof targetClient>, ReturnType<typeof targetClient>];
  let started = false;
  try {
    await checkServers(request, [baseline, candidate], folder);
    const chosen = config.PERF_RATE === null ? await chooseRate(baseline, candidate) : null;
    const pairsPerSecond = config.PERF_RATE ?? (chosen as ChosenRate).pairsPerSecond;
    say(announcement(pairsPerSecond, chosen, request.longestMs));
    const restarts = request.restartBaseline !== null || request.restartCandidate !== null;
    const ab: Ab = {
      schema: 'fiml-perf/ab',
      version: AB_VERSION,
      id: folder.id,
      baselineUrl: withoutCredentials(request.baselineUrl),
      candidateUrl: withoutCredentials(request.candidateUrl),
      replicate: restarts ? 'restart' : 'block',
      blockMs: BLOCK_MS,
      pairsPerSecond,
      operations: [],
      rounds: [],
    };
    const before = [await targetSnapshot(baseline), await targetSnapshot(candidate)] as const;
    started = true;
    const measure = measurer(request, k6.path, folder, ab);
    const machine = watchMachine();
    const evidence = restarts
      ? await measureByRounds(request, ab, measure, [baseline, candidate], folder)
      : await measureAtOnce(request, ab, measure);
    const { busyS, elapsedS } = machine();
    const after = [await targetSnapshot(baseline), await targetSnapshot(candidate)] as const;
    const { look, rounds } = evidence;
    return {
      folder,
      ab,
      look,
      measuredMs: rounds.reduce((sum, { reader }) => sum + reader.measuredMs, 0),
      machineShare: busyS === null ? null : busyS / elapsedS / availableParallelism(),
      flaws: flawsOf({ rounds, before, after, restarts }),
      versions: [versionOf(before[0]), versionOf(before[1])],
    };
  } finally {
    await Promise.all([baseline.close(), candidate.close()]);
    if (started) folder.release();
    else folder.discard();
  }
}

const versionOf = (snapshot: TargetSnapshot | null): string | null => snapshot?.version ?? null;

async function checkServers(
  { config, say, baselineUrl, candidateUrl }: AbRequest,
  clients: readonly ReturnType<typeof targetClient>[],
  folder: RunFolder,
): Promise<void> {
  if (withoutCredentials(baselineUrl) === withoutCredentials(candidateUrl)) {
    throw new UserError(`${withoutCredentials(baselineUrl)} is both baseline and candidate: start a second server`);
  }
  const problems: string[] = [];
  for (const client of clients) {
    const found = await preflight({
      config: { ...config, PERF_TARGET: client.url },
      client,
      resultsFolder: folder.path,
      estimateBytes: 0,
      virtualUsers: 0,
    });
    problems.push(...found.problems);
    for (const warning of found.warnings) say(`warning: ${warning}`);
  }
  if (problems.length > 0) throw new UserError(problems.join('\n'));
}

function announcement(pairsPerSecond: number, chosen: ChosenRate | null, longestMs: number): string {
  const why =
    chosen === null
      ? 'as PERF_RATE says'
      : `a pair takes ${chosen.pairMs.toFixed(1)} ms` +
        (chosen.cpuMsPerPair === null ? '' : ` and ${chosen.cpuMsPerPair.toFixed(1)} ms of this machine's CPU`);
  return `${pairsPerSecond} pairs a second (${why}), until it is known, for ${Math.round(longestMs / 1000)} s at most`;
}

type Measure = (
  steadyMs: number,
  enough: AbortSignal,
  onSamples: (reader: PairReader) => void,
) => Promise<RoundEvidence>;

/** One k6 process that asks both servers, its samples read while it runs. */
function measurer(request: AbRequest, k6: string, folder: RunFolder, ab: Ab): Measure {
  const { config } = request;
  const { env: harmless } = withoutHarmful(request.env);
  return async (steadyMs, enough, onSamples) => {
    const reader = new PairReader(ab.operations);
    ab.rounds.push(reader.round);
    const summary = folder.file(`summary-${ab.rounds.length}.json`);
    const outcome: K6Outcome = await runK6({
      path: k6,
      script: join(root, 'dist', 'ab.js'),
      output: 'csv=-',
      env: {
        ...harmless,
        PERF_TARGET: request.baselineUrl,
        PERF_CANDIDATE: request.candidateUrl,
        PERF_RATE: String(ab.pairsPerSecond),
        PERF_DURATION: `${Math.round(steadyMs)}ms`,
        PERF_SUMMARY: summary,
        // Blocks are told apart by time, and k6's whole seconds would blur their borders.
        K6_CSV_TIME_FORMAT: 'unix_milli',
      },
      proxy: config.PERF_PROXY,
      log: openK6Log(folder.file(`k6-${ab.rounds.length}.log`), secretsOf(config)),
      samples: (text) => {
        reader.write(text);
        onSamples(reader);
      },
      enough,
      onTick: () => undefined,
    });
    return { reader, outcome, ...readSummary(folder.path, `summary-${ab.rounds.length}.json`) };
  };
}

interface Measured {
  readonly look: Look | null;
  readonly rounds: RoundEvidence[];
}

async function measureAtOnce(request: AbRequest, ab: Ab, measure: Measure): Promise<Measured> {
  const looks = looksOf(request.longestMs);
  const alpha = alphaOfLook(looks.length);
  const enough = new AbortController();
  let next = 0;
  let decisive: Look | null = null;
  const round = await measure(request.longestMs, enough.signal, (reader) => {
    const due = looks[next];
    if (decisive !== null || due === undefined || reader.measuredMs < due || next === looks.length - 1) return;
    next += 1;
    const look = analyse(ab, alpha);
    if (look === null) return;
    request.onLook(look, reader.measuredMs);
    if (isDecided(look)) {
      decisive = look;
      enough.abort();
    }
  });
  // The look that decided is the verdict: one more, at what came in until k6 had stopped, would be a look too many.
  return { look: decisive ?? analyse(ab, alpha), rounds: [round] };
}

async function measureByRounds(
  request: AbRequest,
  ab: Ab,
  measure: Measure,
  [baseline, candidate]: readonly [ReturnType<typeof targetClient>, ReturnType<typeof targetClient>],
  folder: RunFolder,
): Promise<Measured> {
  const most = Math.max(1, Math.floor(request.longestMs / ROUND_MS));
  const looks = roundLooks(most);
  const alpha = alphaOfLook(looks.length);
  const rounds: RoundEvidence[] = [];
  let look: Look | null = null;
  while (rounds.length < most) {
    const log = folder.file('restart.log');
    await request.restartBaseline?.(baseline, log);
    await request.restartCandidate?.(candidate, log);
    rounds.push(await measure(ROUND_MS, new AbortController().signal, () => undefined));
    if (rounds.at(-1)?.outcome.k6.interrupted) break;
    if (!looks.includes(rounds.length)) continue;
    look = analyse(ab, alpha);
    if (look === null) continue;
    request.onLook(look, rounds.length * ROUND_MS);
    if (isDecided(look)) break;
  }
  return { look, rounds };
}
