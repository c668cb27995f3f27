import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ONE_LOAD } from '../../config';
import { UserError } from '../errors';
import { ingest } from '../ingest';
import { withoutSubMetrics } from '../ingest/run';
import { disagreement, lostSamples } from '../judge/blinding';
import { readSummary } from '../result/evidence';
import { readProblem } from '../result/files';
import { mergeSeries, selectSeries } from '../result/query';
import type { Result, Series } from '../result/result';
import type { Run, SegmentPart } from '../result/run';
import type { Segments } from '../result/segments';
import type { Summary } from '../result/summary';
import { thrownIn } from '../run/log';
import { LOG_FILE, SAMPLES_FILES, type SegmentFolder } from './find';
import { endByK6, timeFlaw } from './times';

/** What one k6 left of a divided load, and what is wrong with it. */
export interface ReadSegment {
  readonly part: SegmentPart;
  readonly result: Result | null;
  readonly summary: Summary | null;
  /** Epoch ms; null of one that left no samples. */
  readonly endedAtMs: number | null;
  readonly thrown: Pick<Run['k6'], 'thrownIterations' | 'firstThrown'>;
}

export interface ReadOptions {
  /** From which the time buckets of all segments are counted. */
  readonly originMs: number;
  /** When it was written what was to be run, epoch ms. */
  readonly describedAtMs: number;
  readonly plan: Segments['plan'];
  /** What every segment says of the load that it is of: `loadTags` of its overrides. */
  readonly load: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** What each k6 counts of itself: of all together there is no one value. */
const OWN_GAUGES: readonly string[] = ['vus', 'vus_max'];
/** k6-operator gives each k6 tags of its own, and k6 one for each of its feature flags. */
const isForeignTag = (name: string): boolean =>
  name === 'instance_id' || name === 'testrun_name' || name.startsWith('k6_feature_');

/** Reads a segment's folder. Whatever is wrong with it is a flaw of that segment, and no error: the others are read all the same. */
export async function readSegment(folder: SegmentFolder, options: ReadOptions): Promise<ReadSegment> {
  const { summary, summaryProblem } = readSummary(folder.path);
  const { result, problem } = await readSamples(folder, summary, options.originMs);
  const log = await readLog(folder, options.secrets);
  const told = result === null ? [] : selectSeries(result, 'fiml_segment');
  const [own] = told;
  const segment = own?.tags.segment ?? null;
  const startedAtMs = own?.firstMs ?? null;
  const clock = result === null ? null : clockOf(result);
  const flaws =
    result === null
      ? [problem]
      : [
          lostSamples(result.source),
          disagreement({ result, summary, summaryProblem }),
          told.length > 1 ? 'it holds samples of several segments' : null,
          own === undefined ? null : anotherLoad(own.tags, options.load),
          log.problem === null ? null : `its ${LOG_FILE} does not say whether iterations threw: ${log.problem}`,
          segment === null || startedAtMs === null
            ? withoutStart(result)
            : timeFlaw({ result, summary, startedAtMs, clock }, options),
        ];
  return {
    part: {
      name: folder.name,
      segment,
      startedAtMs,
      clock,
      flaws: flaws.filter((flaw) => flaw !== null),
    },
    result: result === null ? null : withOwnGauges(result, segment ?? folder.name),
    summary,
    endedAtMs: result === null ? null : Math.max(result.endMs, endByK6(result, summary) ?? result.endMs),
    thrown: log,
  };
}

async function readSamples(
  { path, name }: SegmentFolder,
  summary: Summary | null,
  originMs: number,
): Promise<{ result: Result; problem: null } | { result: null; problem: string }> {
  const [file, ...others] = SAMPLES_FILES.filter((one) => existsSync(join(path, one)));
  if (file === undefined) return { result: null, problem: 'it left no samples' };
  if (others.length > 0) return { result: null, problem: `it holds samples twice: ${[file, ...others].join(', ')}` };
  try {
    const metricTypes = summary === null ? {} : withoutSubMetrics(summary.metrics);
    const result = await ingest(join(path, file), { metricTypes, keepsSeconds: true, originMs, isForeignTag });
    return { result, problem: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // Run folders are sent to others, whom the paths of this machine tell nothing.
    return { result: null, problem: error.message.replaceAll(path, name) };
  }
}

async function readLog(
  { path }: SegmentFolder,
  secrets: readonly string[],
): Promise<ReadSegment['thrown'] & { readonly problem: string | null }> {
  try {
    return { ...(await thrownIn(join(path, LOG_FILE), secrets)), problem: null };
  } catch (error) {
    return { thrownIterations: 0, firstThrown: null, problem: readProblem(error) };
  }
}

/** Segments of two loads that were made at the same time would else make up a whole that nobody has asked for. */
function anotherLoad(told: Series['tags'], load: ReadOptions['load']): string | null {
  const different = ONE_LOAD.filter((name) => told[name] !== load[name]);
  if (different.length === 0) return null;
  const words = different.map((name) => `${name} was ${told[name] ?? 'not set'} instead of ${load[name] ?? 'not set'}`);
  return `it is of another load: ${words.join(', ')}`;
}

/** Why a segment does not say when it began. */
const withoutStart = (result: Result): string =>
  selectSeries(result, 'iterations').length === 0
    ? 'it sent nothing: its set-up did not come to an end'
    : 'it does not say which segment it is: k6 ran without --execution-segment, or with the script of another version';

function clockOf(result: Result): SegmentPart['clock'] {
  const offset = mergeSeries(selectSeries(result, 'fiml_segment_clock_offset_ms'));
  const error = mergeSeries(selectSeries(result, 'fiml_segment_clock_error_ms'));
  return offset.count === 0 || error.count === 0 ? null : { offsetMs: offset.last, errorMs: error.last };
}

/** Tells apart what each k6 counts of itself, and leaves out what it counted before its release: that is no time of the load. */
function withOwnGauges(result: Result, segment: string): Result {
  const { firstMs } = mergeSeries(selectSeries(result, 'http_reqs'));
  const first = Math.floor((firstMs - result.startMs) / result.bucketMs);
  const own = (series: Series): Series => {
    const buckets = (series.buckets ?? []).filter(({ i }) => i >= first);
    return {
      ...series,
      tags: { ...series.tags, segment },
      count: buckets.reduce((total, { count }) => total + count, 0),
      sum: buckets.reduce((total, { sum }) => total + sum, 0),
      nonZero: buckets.reduce((total, { nonZero }) => total + nonZero, 0),
      firstMs: Math.max(series.firstMs, firstMs),
      buckets,
    };
  };
  return { ...result, series: result.series.map((one) => (OWN_GAUGES.includes(one.metric) ? own(one) : one)) };
}
