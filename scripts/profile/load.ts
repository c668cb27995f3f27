import { setTimeout as pause } from 'node:timers/promises';
import { nearest } from '../../config';
import { UserError } from '../errors';
import { readEvidence } from '../result/evidence';
import { failureCounts } from '../result/failures';
import { mergeSeries, selectSeries } from '../result/query';
import type { Result } from '../result/result';
import type { Verdict } from '../result/verdict';
import { executeRun, type PreparedRun, prepareRun } from '../run';
import { finishRun } from '../run/finish';
import { type StandIn, startStandIn } from '../run/stand-in';
import { percent } from '../text/format';
import type { ProfileOutput } from './output';
import { type Found, findServer, named } from './process/find';

/** A component's load, as a call of `fiml-perf run` would say it. */
interface ComponentLoad {
  readonly about: string;
  /** Target of the component, whose section alone is run. */
  readonly only: string;
  /** Whether a real server sends it on to third parties, whom only PERF_RATE may ask for more than a little. */
  readonly thirdParties: boolean;
}

const LOADS: Readonly<Record<string, ComponentLoad>> = {
  cache: { about: 'prices of hot symbols', only: 'component-l1', thirdParties: false },
  providers: { about: 'prices of cold symbols', only: 'component-provider', thirdParties: true },
  narrative: { about: 'analyses with their narratives', only: 'component-narrative', thirdParties: true },
  dsl: { about: 'FK-DSL queries', only: 'component-dsl-sync', thirdParties: false },
  sessions: { about: 'sessions, made and used', only: 'component-session', thirdParties: false },
};

export const LOAD_NAMES: readonly string[] = Object.keys(LOADS);

/**
 * Instead of the profile's 50 a second, of which a component gets a share: a server that sleeps most of the time shows
 * little. A single process of FIML carries about four times the price queries that come of it.
 */
const RATE_PER_S = 250;
/** Overrides that say how much load there is, in the user's own way. */
const AMOUNTS = ['PERF_RATE', 'PERF_USERS', 'PERF_PROFILE'] as const;
/** From k6's start to the steady phase: its set-up, and the warm-up of a section. */
const UNTIL_STEADY_MS = 4000;
/** For what a look takes beyond its time: opening and closing, reading symbols. */
const SLACK_MS = 5000;

/** A load that can be sent, and the server that it goes to. */
export interface Load {
  readonly about: string;
  readonly url: string;
  readonly found: Found;
  /**
   * Sends it, and looks from when it is steady.
   *
   * @throws UserError as `look` and `fiml-perf run` do; the load ends at once when `look` fails.
   */
  send<T>(look: () => Promise<T>): Promise<Loaded<T>>;
  /** Ends the server, if it was started for this. */
  stop(): Promise<void>;
}

/** What became of a load. */
export interface Loaded<T> {
  readonly seen: T;
  readonly verdict: Verdict;
  /** The verdict in a sentence, and why it is not a pass. */
  readonly headline: string;
  /** Of the run. */
  readonly folder: string;
  /** Null when none of its samples could be read. */
  readonly result: Result | null;
}

export interface LoadRequest {
  /** One of {@link LOAD_NAMES}. */
  readonly target: string;
  /** Null for PERF_TARGET, or the embedded server. */
  readonly url: string | null;
  /** How long the looks take, all together. */
  readonly lookMs: number;
  /** The server's process, where the user has named it. */
  readonly pid: number | null;
}

/**
 * Checks a load, starts a server for it where the user names none, and finds that server's process.
 *
 * @throws UserError or ConfigError with what is wrong, before any request.
 */
export async function prepareLoad(
  { target, url, lookMs, pid }: LoadRequest,
  env: NodeJS.ProcessEnv,
  output: ProfileOutput,
): Promise<Load> {
  const load = loadNamed(target);
  const own = url ?? (env.PERF_TARGET || null);
  const raised = AMOUNTS.every((name) => !env[name]) && (own === null || !load.thirdParties);
  const flags = {
    PERF_ONLY: load.only,
    PERF_DURATION: `${Math.round(lookMs + SLACK_MS)}ms`,
    ...(raised ? { PERF_RATE: String(RATE_PER_S) } : {}),
    ...(own === null ? {} : { PERF_TARGET: own }),
  };
  const request = {
    scenario: 'components',
    env,
    flags,
    out: output.path('load', 'run'),
    stream: process.stderr,
    quiet: true,
  };
  const prepared = prepareRun(request);
  const standIn = own === null ? await startStandIn(env, null, output.say) : null;
  const stop = async () => standIn?.stop();
  try {
    const address = standIn?.url ?? prepared.config.PERF_TARGET ?? '';
    const found = pid === null ? findServer(address) : named(pid, address);
    return { about: load.about, url: address, found, send: (look) => send(prepared, standIn, look), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function send<T>(prepared: PreparedRun, standIn: StandIn | null, look: () => Promise<T>): Promise<Loaded<T>> {
  let seen: { readonly value: T } | null = null;
  const executed = await executeRun(prepared, {
    standIn,
    async meanwhile() {
      await pause(UNTIL_STEADY_MS);
      seen = { value: await look() };
    },
  });
  // What is looked at is disturbed by it, and is none of the runs that later ones are compared with.
  const finished = await finishRun(prepared, executed, [], { keepsHistory: false });
  if (seen === null) throw new UserError('the load was stopped before anything was seen: profile anew');
  const { value } = seen as { readonly value: T };
  const { verdict, path } = finished;
  const headline = [finished.headline, ...verdict.reasons].join('; ');
  return { seen: value, verdict, headline, folder: path, result: readEvidence(path).result };
}

const STEADY = { phase: 'steady' } as const;
/** As the target of the error rate has it. */
const MOST_FAILED = 0.01;

/**
 * How many requests of a load failed, in whatever layer, in words; null when hardly any did. A component's own target is of times,
 * which failures do not spoil: they are often the fastest answers.
 */
export function failuresInWords(result: Result): string | null {
  const { count, nonZero } = mergeSeries(selectSeries(result, 'fiml_failed', STEADY));
  if (count === 0 || nonZero / count < MOST_FAILED) return null;
  const [most] = failureCounts(result, STEADY);
  return `${percent(nonZero / count)} of the load's requests failed${most === undefined ? '' : `, most often by ${most.reason}`}`;
}

/** @throws UserError when there is no such load, with the nearest name. */
export function loadNamed(target: string): ComponentLoad {
  // `constructor` is no load, though every object has something of that name.
  const load = Object.hasOwn(LOADS, target) ? LOADS[target] : undefined;
  if (load !== undefined) return load;
  const near = nearest(target, LOAD_NAMES);
  const hint = /^https?:/.test(target) ? ': --url names the server.' : near === null ? '.' : `; did you mean ${near}?`;
  throw new UserError(`there is no load ${JSON.stringify(target)}${hint} Known are ${LOAD_NAMES.join(', ')}`);
}
