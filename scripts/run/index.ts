import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { scenarioNames } from '../../build/scenarios';
import { type Config, ConfigError, nearest, type OverrideName, withoutCredentials } from '../../config';
import {
  conditionsOf,
  type Fault,
  faultOf,
  mostVirtualUsers,
  onlyOf,
  PROFILES,
  planFor,
  planProblems,
  type RunPlan,
  stressProblems,
} from '../../profiles';
import { cacheClaims, isStop, type Target, targetsFor, uptimeSamples } from '../../thresholds';
import { openInBrowser } from '../browser';
import { preflight, targetSnapshot } from '../doctor';
import { UserError } from '../errors';
import { type ArmedFault, armFault, leftoverInWords, undoLeftovers } from '../faults';
import { targetClient } from '../http';
import { effectiveOverrides, secretsOf, withoutHarmful } from '../overrides/effective';
import { openStream, type RunLabels } from '../prometheus';
import { readSummary } from '../result/evidence';
import { RUN_VERSION, type Run } from '../result/run';
import { root } from '../root';
import { ensureK6, InterruptedError } from '../setup';
import { makeRunFolder, pointLatest, type RunFolder } from './folder';
import { garbagePercent } from './garbage';
import { identity } from './identity';
import { runK6 } from './k6';
import { isLeftToJudge } from './left-to-judge';
import { readLimits } from './limits';
import { type LivePage, openLivePage } from './live';
import { openK6Log } from './log';
import { watchMemory } from './memory';
import { progressOn } from './progress';
import { type StandIn, startStandIn } from './stand-in';

export interface RunRequest {
  readonly scenario: string;
  readonly env: NodeJS.ProcessEnv;
  /** Overrides from the command line. */
  readonly flags: Partial<Record<OverrideName, string>>;
  /** The folder of this run; null for a new one under `PERF_RESULTS`. */
  readonly out: string | null;
  readonly stream: NodeJS.WriteStream;
  /** Says what is run, and nothing while it runs. */
  readonly quiet: boolean;
}

/** A run before any load: everything that could be checked without a server has been. */
export interface PreparedRun {
  readonly request: RunRequest;
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly options: Run['options'];
  readonly targets: readonly Target[];
  readonly plan: RunPlan | null;
  readonly script: string;
  readonly notes: readonly string[];
}

/** Samples of a scenario without a plan are given this much room, as the largest of the suite's profiles needs it. */
const UNPLANNED_DISK_BYTES = 200e6;

/**
 * Checks overrides, limits, scenario and plan.
 *
 * @throws UserError, ConfigError or LimitsError with everything that is wrong.
 */
export function prepareRun(request: RunRequest): PreparedRun {
  const script = bundleOf(request.scenario);
  const { env: harmless, removed } = withoutHarmful(request.env);
  const { config, env, options } = effectiveOverrides(harmless, request.flags);
  const targets = targetsFor(
    request.scenario,
    conditionsOf(request.scenario, config),
    onlyOf(config),
    readLimits(config),
  );
  const plan = planFor(request.scenario, config, uptimeSamples(targets));
  const problems = plan === null ? [] : planProblems(plan, config, cacheClaims(targets));
  problems.push(...stressProblems(request.scenario, config));
  if (problems.length > 0) throw new ConfigError(problems);
  const notes = removed.map((name) => `${name} was ignored: it would replace what the scenario says`);
  return { request, config, env, options, targets, plan, script, notes };
}

/** What a run that is one of several has from whoever makes them. */
export interface Circumstances {
  /** A server that has been started for all of them, and that its starter stops; null: the run has one of its own. */
  readonly standIn?: StandIn | null;
  /** Keeps the load from beginning. Once it has begun, Ctrl-C ends it in order. */
  readonly stopped?: AbortSignal;
  /** Begins when k6 has started, and is waited for; when it fails, the load ends in order and the run fails likewise. */
  readonly meanwhile?: () => Promise<void>;
}

/**
 * Runs a prepared scenario with k6 and writes `run.json`; what the load did to the target is for the judge to say.
 *
 * @throws UserError before any load when the target does not answer as FIML, or k6 or the results folder cannot be had.
 *   InterruptedError when it was stopped before any load.
 */
export async function executeRun(
  prepared: PreparedRun,
  { standIn: given = null, stopped, meanwhile }: Circumstances = {},
): Promise<{ folder: RunFolder; run: Run }> {
  const { request, config, plan } = prepared;
  const progress = progressOn(request.stream, plan, request.quiet);
  const k6 = await ensureK6({ env: prepared.env, log: progress.say });
  const profile = plan === null ? null : config.PERF_PROFILE;
  const name = profile === null ? request.scenario : `${request.scenario}-${profile}`;
  const folder = makeRunFolder(config.PERF_RESULTS, request.out, name, new Date());
  let standIn = given;
  let started = false;
  try {
    await clearLeftovers(prepared.env, progress.say);
    const fault = faultOf(request.scenario, config);
    if (config.PERF_TARGET === null) standIn ??= await startStandIn(prepared.env, fault, progress.say);
    const url = standIn?.url ?? (config.PERF_TARGET as string);
    const memory = config.PERF_SERVER_PID === null ? null : watchMemory(config.PERF_SERVER_PID);
    const here: Config = { ...config, PERF_TARGET: url, ...standIn?.drivers };
    const client = targetClient(here);
    let armed: ArmedFault | null = null;
    let page: LivePage | null = null;
    try {
      const { problems, warnings } = await preflight({
        config: here,
        client,
        resultsFolder: folder.path,
        estimateBytes: plan?.diskBytes ?? UNPLANNED_DISK_BYTES,
        virtualUsers: plan === null ? 0 : mostVirtualUsers(plan),
      });
      if (problems.length > 0) throw new UserError(problems.join('\n'));
      if (standIn === null) warnings.push(...thirdParties(plan));
      for (const warning of warnings) progress.say(`warning: ${warning}`);
      const before = await targetSnapshot(client);
      const labels = runLabels(request.scenario, profile, folder.id);
      const stream = await openStream(config, prepared.env, labels, prepared.targets);
      if (fault !== null) {
        const stores = {
          redisUrl: standIn?.redisUrl ?? prepared.env.REDIS_URL ?? null,
          databaseUrl: standIn?.databaseUrl ?? prepared.env.DATABASE_URL ?? null,
        };
        armed = await armFault(fault, { config: here, env: prepared.env, stores, id: folder.id, target: url });
      }

      if (stopped?.aborted === true) throw new InterruptedError();
      if (wantsPage(prepared)) page = await openLivePage(prepared.env, folder.file(PAGE_FILE));
      progress.say(announcement(prepared, url, standIn !== null));
      if (page !== null) showPage(page, prepared, progress.say);
      const samplesFile = config.PERF_RECORD === 'csv' ? 'samples.csv' : 'samples.json.gz';
      started = true;
      const company = companyOf(meanwhile);
      const leftToJudge = isLeftToJudge(plan);
      const outcome = await runK6({
        path: k6.path,
        script: prepared.script,
        output: `${config.PERF_RECORD}=${folder.file(samplesFile)}`,
        env: {
          // Whoever has set it knows the machine.
          GOGC: String(garbagePercent(plan)),
          ...prepared.env,
          ...standIn?.drivers,
          ...armed?.env,
          ...stream?.k6Env,
          PERF_TARGET: url,
          PERF_SUMMARY: folder.file('summary.json'),
          // An option of k6's command line the script would not see, and make its thresholds all the same.
          ...(leftToJudge ? { K6_NO_THRESHOLDS: 'true' } : {}),
        },
        proxy: config.PERF_PROXY,
        ...(stream === null ? {} : { args: stream.k6Args, pastProxy: stream.host }),
        page: page?.env ?? null,
        log: openK6Log(folder.file('k6.log'), secretsOf(config)),
        enough: company.failed,
        onStart(pid) {
          armed?.k6Started(pid);
          company.begin();
        },
        onTick: (elapsedMs, cpuShare) => {
          progress.tick(elapsedMs, cpuShare);
          stream?.tick(cpuShare);
        },
      });
      progress.end();
      await company.end();
      const streamNotes = (await stream?.end()) ?? [];
      const faultNotes = await disarmed(armed);
      armed = null;

      const run: Run = {
        schema: 'fiml-perf/run',
        version: RUN_VERSION,
        id: folder.id,
        createdAt: new Date(outcome.k6.startedAtMs).toISOString(),
        scenario: request.scenario,
        profile,
        options: prepared.options,
        plan: plan === null ? null : planRecord(plan),
        targets: [...prepared.targets],
        target: {
          kind: standIn === null ? 'url' : 'embedded',
          url: withoutCredentials(url),
          before,
          after: await targetSnapshot(client),
        },
        identity: identity(k6.version),
        k6: { ...outcome.k6, ...(leftToJudge ? { leftToJudge } : {}), ...stopOf(folder, plan) },
        generator: outcome.generator,
        ...(fault === null ? {} : { fault: faultRecord(fault) }),
        ...(memory === null ? {} : { serverMemory: memory.looks }),
        samplesFile,
        notes: [...prepared.notes, ...outcome.notes, ...streamNotes, ...faultNotes, ...(page?.notes() ?? [])],
      };
      return { folder, run };
    } finally {
      for (const note of await disarmed(armed)) progress.say(note);
      await page?.close();
      memory?.stop();
      await client.close();
    }
  } finally {
    if (given === null) await standIn?.stop();
    if (started) folder.release();
    else folder.discard();
  }
}

/** What goes on beside a load. */
function companyOf(meanwhile: (() => Promise<void>) | undefined) {
  const failed = new AbortController();
  let over: Promise<void> | undefined;
  return {
    failed: failed.signal,
    begin() {
      over = meanwhile?.();
      // Who waits for it later is told of the failure then; until then nobody would have caught it.
      over?.catch(() => failed.abort());
    },
    /** @throws what it failed by. */
    end: async () => over,
  };
}

/** What tells the series of a run from those of others in Prometheus. */
export const runLabels = (test: string, profile: string | null, testid: string): RunLabels => ({
  testid,
  test,
  profile: profile ?? 'none',
});

/** What k6 keeps of its page in the run's folder. */
const PAGE_FILE = 'k6-dashboard.html';

/** Whoever knows k6 asks by k6's own variable. */
const wantsPage = ({ config, env }: PreparedRun): boolean => config.PERF_LIVE || env.K6_WEB_DASHBOARD === 'true';

function showPage(
  { url }: LivePage,
  { request: { env, stream, quiet } }: PreparedRun,
  say: (line: string) => void,
): void {
  say(`live page: ${url} (k6's own, until the load is over; kept as ${PAGE_FILE})`);
  if (!quiet && stream.isTTY) void openInBrowser(url, env);
}

const faultRecord = ({ name, about, sign }: Fault): NonNullable<Run['fault']> => ({
  name,
  about,
  ...(sign.kind === 'slow' ? { slowerMs: sign.atLeastMs } : {}),
});

const disarmed = async (armed: ArmedFault | null): Promise<string[]> => (armed === null ? [] : armed.disarm());

/** @throws UserError when the fault of a killed run cannot be undone: whatever were measured then would be that fault. */
async function clearLeftovers(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<void> {
  for (const leftover of await undoLeftovers(env)) {
    if (leftover.problems.length > 0) throw new UserError(leftoverInWords(leftover));
    say(`warning: ${leftoverInWords(leftover)}`);
  }
}

/** Makes a finished run the `latest` of its results folder, unless it was given a folder of its own. */
export function publishLatest({ request }: { request: Pick<RunRequest, 'out'> }, folder: RunFolder): void {
  if (request.out === null) pointLatest(folder);
}

/** What `run.json` keeps of a plan. */
export const planRecord = (plan: RunPlan): NonNullable<Run['plan']> => ({
  phases: [...plan.phases],
  durationMs: plan.durationMs,
  expectedIterations: { ...plan.expectedIterations },
  vuCeiling: { ...plan.vuCeiling },
  bestHitRate: plan.bestHitRate,
  ...(plan.steps === undefined ? {} : { steps: [...plan.steps] }),
});

/** k6 says of no threshold that it was the one that ended the test; only a plan with steps has such ones. */
function stopOf(folder: RunFolder, plan: RunPlan | null): Pick<Run['k6'], 'stoppedBy'> {
  if (plan?.steps === undefined) return {};
  for (const [key, { thresholds = {} }] of Object.entries(readSummary(folder.path).summary?.metrics ?? {})) {
    const crossed = Object.entries(thresholds).find(([expression, { ok }]) => !ok && isStop(key, expression));
    if (crossed !== undefined) return { stoppedBy: `${key} ${crossed[0]}` };
  }
  return {};
}

function announcement({ request, config, plan }: PreparedRun, url: string, embedded: boolean): string {
  const server = embedded ? `the embedded server at ${url}` : withoutCredentials(url);
  const bestHitRate = plan?.bestHitRate ?? null;
  const reach = bestHitRate === null ? '' : `; at best ${(bestHitRate * 100).toFixed(1)} % of cache reads can be hits`;
  const requests =
    plan === null ? '' : `: about ${plan.expectedRequests} requests in ${Math.round(plan.durationMs / 1000)} s`;
  return `${request.scenario}, profile ${config.PERF_PROFILE}, on ${server}${requests}${reach}`;
}

/** A server at a URL may have real providers behind it, and an LLM that is paid by the call. */
function thirdParties(plan: RunPlan | null): string[] {
  const requests = plan?.providerRequests ?? 0;
  if (requests === 0) return [];
  const narratives = plan?.expectedIterations.narrative ?? 0;
  const llm = narratives === 0 ? '' : `, and ${narratives} narratives to its LLM if it has one`;
  return [
    `about ${requests} requests will go on to this server's providers${llm}: real ones are third parties with limits and ` +
      'prices of their own. PERF_RATE asks providers for more, PERF_ONLY leaves components out',
  ];
}

/** Asks two servers, and has no targets of its own. */
const PAIRS = 'ab';

/** @throws UserError for a scenario that does not exist, with the nearest name. */
function bundleOf(scenario: string): string {
  if (scenario === PAIRS) throw new UserError('ab needs two servers, and judges itself: use fiml-perf ab');
  const names = scenarioNames(root);
  const script = join(root, 'dist', `${scenario}.js`);
  if (names.includes(scenario) && existsSync(script)) return script;
  if (PROFILES.has(scenario)) {
    throw new UserError(`${scenario} is a profile, and no scenario: fiml-perf run load --profile ${scenario}`);
  }
  const near = nearest(scenario, names);
  throw new UserError(
    `there is no scenario ${JSON.stringify(scenario)}${near === null ? '.' : `; did you mean ${near}?`} Known are ${names.join(', ')}`,
  );
}
