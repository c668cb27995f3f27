import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatDuration } from '../../config';
import { longestTtlMs } from '../../profiles';
import { redisWithoutRetries } from '../clients';
import { UserError } from '../errors';
import { NoDriverError } from '../faults';
import { junitXml } from '../report/junit/xml';
import { writeJsonAtomically, writeTextAtomically } from '../result/files';
import type { Full, FullPart } from '../result/full';
import type { VerdictWord } from '../result/verdict';
import { type CollectingWriter, writerThatCollects } from '../result/writer';
import { executeRun, type PreparedRun } from '../run';
import { finishRun } from '../run/finish';
import { makeRunFolder, pointLatest, type RunFolder } from '../run/folder';
import { type StandIn, startServicesStandIn } from '../run/stand-in';
import { InterruptedError } from '../setup';
import { combined, notRun } from './combine';
import { fullHtml } from './page';
import { type FullPlan, isSpoiledByCold, leavesCold, type PlannedPart, problemsOf } from './plan';
import { fullSubject } from './subject';

export interface FullOptions {
  readonly env: NodeJS.ProcessEnv;
  /** `PERF_RESULTS`. */
  readonly results: string;
  readonly failOn: readonly VerdictWord[];
  readonly log: (line: string) => void;
  /** Called after each part, with its place from 0. */
  readonly onPart: (part: FullPart, at: number) => void;
}

export interface FinishedFull {
  readonly full: Full;
  /** The suite's folder; null when no part was run, so that there is nothing to keep. */
  readonly path: string | null;
  /** Has kept what could not be written. */
  readonly write: CollectingWriter;
}

/**
 * Runs the parts one after the other, each to its verdict, on one server where the plan says so. What keeps a part from
 * starting stops no other; Ctrl-C ends the part that is going on in order, and the rest is not run.
 *
 * @throws UserError when the server, or the folder, cannot be had.
 */
export async function performFull(plan: FullPlan, options: FullOptions): Promise<FinishedFull> {
  const began = new Date();
  const folder = makeRunFolder(options.results, null, 'full', began);
  const write = writerThatCollects();
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  // Once: whoever asks again does not want to wait for an orderly end.
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  let standIn: StandIn | null = null;
  const parts: FullPart[] = [];
  try {
    const runs = plan.parts.some(({ prepared }) => prepared !== null);
    if (plan.server === 'services' && runs) standIn = await startServicesStandIn(options.env, options.log);
    const suite = new Suite(folder, standIn, stop.signal, options, write);
    for (const [at, planned] of plan.parts.entries()) {
      options.log(`\npart ${at + 1} of ${plan.parts.length}: ${planned.part.name}`);
      const part = await suite.take(planned);
      parts.push(part);
      options.onPart(part, at);
    }
    const full: Full = {
      schema: 'fiml-perf/full',
      version: 1,
      id: folder.id,
      createdAt: began.toISOString(),
      durationMs: Date.now() - began.getTime(),
      budgetMs: plan.totalMs,
      ...combined(parts),
      parts,
    };
    const hasRun = parts.some((part) => part.folder !== null);
    if (hasRun) {
      write(() => writeJsonAtomically(folder.file('full.json'), full));
      const subject = fullSubject(full, folder.path);
      write(() => writeTextAtomically(folder.file('report.md'), subject.markdown));
      write(() => writeTextAtomically(folder.file('report.html'), fullHtml(full)));
      write(() => writeTextAtomically(folder.file('junit.xml'), junitXml(subject.suites())));
      write(() => pointLatest(folder));
    }
    return { full, path: hasRun ? folder.path : null, write };
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await standIn?.stop();
    folder.discard();
  }
}

const CANNOT = 'it cannot be run here';

/** What the parts of one suite share. */
class Suite {
  /** When the load ended that left answers in the cache. */
  private coldEndMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly folder: RunFolder,
    private readonly standIn: StandIn | null,
    private readonly stopped: AbortSignal,
    private readonly options: FullOptions,
    private readonly write: CollectingWriter,
  ) {}

  async take({ part, prepared, reasons }: PlannedPart): Promise<FullPart> {
    const { failOn } = this.options;
    const about = {
      name: part.name,
      scenario: part.scenario,
      profile: part.overrides.PERF_PROFILE ?? null,
      fault: part.overrides.PERF_FAULT ?? null,
      folder: null,
      durationMs: 0,
    };
    const missing = (why: 'cannot' | 'did not', headline: string, because: readonly string[]): FullPart => ({
      ...about,
      ...notRun(why, failOn),
      headline,
      reasons: [...because],
    });
    if (prepared === null) return missing('cannot', CANNOT, reasons);
    const startedMs = Date.now();
    try {
      await this.coolDown(prepared);
      const run = { ...prepared, request: { ...prepared.request, out: join(this.folder.path, part.name) } };
      const executed = await executeRun(run, { standIn: this.standIn, stopped: this.stopped });
      if (leavesCold(part)) this.coldEndMs = executed.run.k6.endedAtMs;
      const { verdict, headline, problems } = await finishRun(run, executed, failOn);
      this.write.problems.push(...problems);
      return {
        ...about,
        verdict: verdict.verdict,
        countsAs: verdict.verdict,
        exitCode: verdict.exitCode,
        headline,
        reasons: verdict.reasons,
        folder: part.name,
        durationMs: Date.now() - startedMs,
      };
    } catch (error) {
      if (error instanceof InterruptedError) return missing('did not', 'the suite was interrupted before its turn', []);
      if (error instanceof NoDriverError) return missing('cannot', CANNOT, problemsOf(error));
      return missing('did not', 'it could not be started', problemsOf(error));
    }
  }

  /** Sees to it that what should be cold is not cached from an earlier part. */
  private async coolDown({ config, plan }: PreparedRun): Promise<void> {
    if (this.stopped.aborted) throw new InterruptedError();
    if (this.standIn?.redisUrl != null) return emptied(this.standIn.redisUrl);
    const waitMs = this.coldEndMs + longestTtlMs(config) - Date.now();
    if (config.PERF_TARGET === null || plan === null || !isSpoiledByCold(plan) || waitMs <= 0) return;
    this.options.log(
      `waiting ${formatDuration(Math.ceil(waitMs / 1000) * 1000)} until the cache has forgotten the parts before`,
    );
    await sleep(waitMs, undefined, { signal: this.stopped }).catch(() => {
      throw new InterruptedError();
    });
  }
}

/** Empties a Redis of the suite's own. @throws UserError when it cannot be reached. */
async function emptied(redisUrl: string): Promise<void> {
  const redis = redisWithoutRetries(redisUrl);
  try {
    await redis.connect();
    await redis.flushall();
  } catch (error) {
    throw new UserError(`Redis cannot be emptied before this part: ${(error as Error).message}`);
  } finally {
    redis.disconnect();
  }
}
