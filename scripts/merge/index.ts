import { loadTags, ONE_LOAD, parseConfig } from '../../config';
import { UserError } from '../errors';
import type { Evidence } from '../result/evidence';
import type { Result } from '../result/result';
import { RUN_VERSION, type Run } from '../result/run';
import type { Segments } from '../result/segments';
import type { Divided } from './find';
import { mergeResults } from './results';
import { type ReadSegment, readSegment } from './segment';
import { mergeSummaries } from './summaries';

/** A multiple of both lengths of time buckets, so that they are whole in either. */
const ORIGIN_STEP_MS = 10_000;

/**
 * Merges what the parts of a divided load left into what one k6 would have left of all of it: a run to be judged, reported
 * and compared as any other. What is wrong with a part is in the run, for the judge to say.
 *
 * @param secrets what must not appear in a file.
 * @throws UserError when no part left anything at all.
 */
export async function mergeSegments({ segments, folders }: Divided, secrets: readonly string[]): Promise<Evidence> {
  if (folders.length === 0) throw new UserError('there is no folder of a segment: nothing is left to be merged');
  const originMs = Math.floor(Date.parse(segments.createdAt) / ORIGIN_STEP_MS) * ORIGIN_STEP_MS;
  const load = loadOf(segments);
  const read: ReadSegment[] = [];
  // One after the other: each takes memory by its series and seconds until it is read.
  for (const folder of folders)
    read.push(
      await readSegment(folder, {
        originMs,
        describedAtMs: Date.parse(segments.createdAt),
        plan: segments.plan,
        load,
        secrets,
      }),
    );

  const [first, ...others] = read.flatMap(({ result }) => result ?? []);
  const result = first === undefined ? null : mergeResults([first, ...others], segments.plan.steps !== undefined);
  const summaries = read.flatMap(({ summary }) => summary ?? []);
  return {
    run: runOf(segments, read, result),
    result,
    resultProblem: result === null ? 'no segment left samples that can be read' : null,
    summary: summaries.length === 0 ? null : mergeSummaries(summaries),
    summaryProblem: summaries.length === 0 ? 'no k6 wrote end-of-test data' : null,
  };
}

/** What was to be run, as each of its k6 says it. */
const loadOf = ({ options }: Segments): Record<string, string> =>
  loadTags(parseConfig(Object.fromEntries(ONE_LOAD.map((name) => [name, options[name]?.value]))));

function runOf(segments: Segments, read: readonly ReadSegment[], result: Result | null): Run {
  const { id, createdAt, scenario, profile, options, plan, targets, target, identity } = segments;
  const parts = read.map(({ part }) => part);
  const starts = parts.flatMap(({ startedAtMs }) => startedAtMs ?? []);
  const startedAtMs = Math.min(...(starts.length > 0 ? starts : [result?.startMs ?? Date.parse(createdAt)]));
  return {
    schema: 'fiml-perf/run',
    version: RUN_VERSION,
    id,
    createdAt,
    scenario,
    profile,
    options,
    plan,
    targets,
    target: { kind: 'url', ...target, after: null },
    identity,
    k6: {
      exitCode: null,
      signal: null,
      startedAtMs,
      endedAtMs: Math.max(startedAtMs, ...read.flatMap(({ endedAtMs }) => endedAtMs ?? [])),
      thrownIterations: read.reduce((sum, { thrown }) => sum + thrown.thrownIterations, 0),
      firstThrown: read.find(({ thrown }) => thrown.firstThrown !== null)?.thrown.firstThrown ?? null,
      interrupted: false,
    },
    generator: { cpuLimit: null, samples: [] },
    segments: { planned: segments.segments, parts },
    samplesFile: 'samples.json.gz',
    notes: [],
  };
}
