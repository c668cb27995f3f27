import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../errors';
import { readProblem } from '../result/files';
import { ALPHA } from '../result/histogram';
import { type MetricType, RESULT_VERSION, type Result } from '../result/result';
import { COARSE_FROM_MS, COARSE_MS, Collected, FINE_MS } from './collect';
import { csvReader, looksLikeCsv } from './csv';
import { looksLikeJson, readJsonLine } from './json';
import { readLines } from './lines';
import { BUILT_IN, type MetricTypes } from './metrics';
import type { SampleSink, Tags } from './sample';
import { Slowest } from './slowest';

export interface IngestOptions {
  /** Told the bytes read so far and those of the whole file, about once a megabyte. */
  readonly onProgress?: (bytes: number, totalBytes: number) => void;
  /** Most series that are kept; the samples of further ones are counted as overflow. 5000 when not given. */
  readonly tagSetCap?: number;
  /** What metrics are, where the file does not say: k6's CSV never does, its `summary.json` does. */
  readonly metricTypes?: Readonly<Record<string, { readonly type: MetricType; readonly contains?: string }>>;
  /** Whether time buckets stay as short as a second, however long the run was. */
  readonly keepsSeconds?: boolean;
  /** Where the time buckets begin to be counted, epoch ms; the first sample's time when not given. Results that are merged share it. */
  readonly originMs?: number;
  /** Tags that say where a sample was taken and nothing about it: they are left out, and split no series. */
  readonly isForeignTag?: (name: string) => boolean;
}

const DEFAULT_CAP = 5000;
/** Different spellings of tag sets that are remembered; k6's CSV writes one set's tags in any order. */
const REMEMBERED_KEYS = 50_000;
/** Tag sets beyond the cap that are told apart; more are counted as these. */
const COUNTED_OVERFLOW = 100_000;
/** k6 writes once a second at the latest, unsorted within what it writes: a smaller step back is no clock's doing. */
const FLUSH_ORDER_MS = 2000;

/**
 * Reads k6's samples, JSON lines or CSV, compressed or not, of any script, into one series for each metric and set of tags.
 *
 * The content tells the form, not the name. Whatever is not a sample is counted with its reason, and the rest is kept.
 * Memory grows with series and time buckets, not with samples.
 *
 * @throws UserError when the file cannot be read or holds no sample at all.
 */
export async function ingest(samplesFile: string, options: IngestOptions = {}): Promise<Result> {
  try {
    const { size } = await stat(samplesFile);
    const reader = new Reader(options);
    const cut = await readLines(samplesFile, reader, (bytes) => options.onProgress?.(bytes, size));
    return reader.finish(samplesFile, size, cut);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${samplesFile} cannot be read: ${readProblem(error)}`);
  }
}

class Reader implements SampleSink {
  private format: Result['source']['format'] | null = null;
  private readLine: ((line: string, sink: SampleSink) => void) | null = null;
  private lines = 0;
  private samples = 0;
  private truncated = false;
  private readonly rejected = new Map<string, { reason: string; count: number; firstLine: number }>();

  /** A map: a metric may be called `constructor`. */
  private readonly metrics = new Map<string, MetricTypes[string]>();
  private readonly assumed = new Set<string>();
  private readonly byKey = new Map<string, Collected>();
  private readonly byTags = new Map<string, Collected>();
  private readonly overflowSets = new Set<string>();
  private overflowSamples = 0;
  private readonly slowest = new Slowest();

  private originMs = Number.NaN;
  private earliestMs = Number.POSITIVE_INFINITY;
  private latestMs = Number.NEGATIVE_INFINITY;
  private bucketMs = FINE_MS;
  private stepBackMs = 0;

  constructor(private readonly options: IngestOptions) {}

  line(text: string, last: boolean): void {
    this.lines += 1;
    if (text === '' || text === '\r') return;
    if (this.readLine === null && !this.recognise(text)) return;
    if (last && this.format === 'k6-csv') {
      // A cut value or tag still looks whole, and k6 ends every line.
      this.cutOff();
      return;
    }
    const before = this.rejected.size;
    const counts = last ? [...this.rejected.values()].map(({ count }) => count) : [];
    this.readLine?.(text, this);
    if (
      last &&
      (this.rejected.size > before || [...this.rejected.values()].some((one, at) => one.count !== counts[at]))
    )
      this.truncated = true;
  }

  unreadable(reason: string): void {
    this.lines += 1;
    this.reject(reason);
  }

  reject(reason: string): void {
    const known = this.rejected.get(reason);
    if (known === undefined) this.rejected.set(reason, { reason, count: 1, firstLine: this.lines });
    else known.count += 1;
  }

  metric(name: string, type: MetricType, contains: string): void {
    this.metrics.set(name, { type, contains: contains === 'time' || contains === 'data' ? contains : 'default' });
    this.assumed.delete(name);
  }

  sample(
    metric: string,
    key: string,
    tags: () => Tags | null,
    timeMs: number,
    value: number,
    subject: string | null = null,
  ): boolean {
    let series = this.byKey.get(key);
    if (series === undefined) {
      const parsed = this.ownTags(tags());
      if (parsed === null) return false;
      const found = this.seriesOf(metric, parsed);
      if (found === null) {
        this.samples += 1;
        this.overflowSamples += 1;
        return true;
      }
      series = found;
      if (this.byKey.size >= REMEMBERED_KEYS) this.byKey.clear();
      this.byKey.set(key, series);
    }
    this.samples += 1;
    series.add(this.bucketAt(timeMs), timeMs, value);
    if (series.slowRole !== null) this.slowest.add(series.slowRole, value, timeMs, series.tags, subject);
    return true;
  }

  finish(file: string, bytes: number, cut: string | null): Result {
    if (cut !== null) {
      this.truncated = true;
      this.reject(cut);
    }
    const rejected = [...this.rejected.values()];
    if (this.samples === 0 || this.format === null) throw new UserError(noSamples(file, bytes, rejected));
    const series = [...this.byTags.values()].map((one) => one.toSeries(this.typeOf(one.metric)));
    const source: Result['source'] = {
      file: basename(file),
      format: this.format,
      bytes,
      lines: this.lines,
      samples: this.samples,
      rejected,
      truncated: this.truncated,
      clockStepBackMs: this.stepBackMs,
      overflow: {
        tagSets: this.overflowSets.size,
        samples: this.overflowSamples,
        cap: this.options.tagSetCap ?? DEFAULT_CAP,
      },
    };
    if (this.assumed.size > 0) source.assumedTrends = [...this.assumed].sort();
    const slowest = this.slowest.finish();
    const startMs = Number.isNaN(this.originMs) ? 0 : this.originMs;
    return {
      schema: 'fiml-perf/result',
      version: RESULT_VERSION,
      source,
      startMs,
      endMs: Math.max(startMs, this.latestMs),
      bucketMs: this.bucketMs,
      histogram: { alpha: ALPHA },
      metrics: Object.fromEntries(this.metrics),
      series,
      ...(slowest === undefined ? {} : { slowest }),
    };
  }

  private recognise(line: string): boolean {
    const text = line.replace(/^\uFEFF/, '');
    if (looksLikeCsv(text)) {
      this.format = 'k6-csv';
      this.readLine = csvReader(text);
      return false;
    }
    if (looksLikeJson(text)) {
      this.format = 'k6-json';
      this.readLine = readJsonLine;
      return true;
    }
    this.reject('before the first line of a form that k6 writes');
    return false;
  }

  private cutOff(): void {
    this.truncated = true;
    this.reject('cut off by the end of the file');
  }

  private ownTags(tags: Tags | null): Tags | null {
    const { isForeignTag } = this.options;
    if (tags === null || isForeignTag === undefined) return tags;
    return Object.fromEntries(Object.entries(tags).filter(([name]) => !isForeignTag(name)));
  }

  private seriesOf(metric: string, tags: Tags): Collected | null {
    const identity = `${metric}${JSON.stringify(tags)}`;
    const known = this.byTags.get(identity);
    if (known !== undefined) return known;
    if (this.byTags.size >= (this.options.tagSetCap ?? DEFAULT_CAP)) {
      if (this.overflowSets.size < COUNTED_OVERFLOW) this.overflowSets.add(identity);
      return null;
    }
    const series = new Collected(metric, tags, this.typeOf(metric) === 'trend');
    this.byTags.set(identity, series);
    return series;
  }

  private typeOf(metric: string): MetricType {
    const known = this.metrics.get(metric);
    if (known !== undefined) return known.type;
    const given = own(this.options.metricTypes, metric) ?? own(BUILT_IN, metric);
    const type = given?.type ?? 'trend';
    this.metric(metric, type, given?.contains ?? 'default');
    if (given === undefined) this.assumed.add(metric);
    return type;
  }

  private bucketAt(timeMs: number): number {
    if (Number.isNaN(this.originMs)) this.originMs = this.options.originMs ?? Math.floor(timeMs);
    if (timeMs < this.earliestMs) this.earliestMs = timeMs;
    const back = this.latestMs - timeMs;
    if (back > FLUSH_ORDER_MS && back > this.stepBackMs) this.stepBackMs = Math.round(back);
    if (timeMs > this.latestMs) this.latestMs = timeMs;
    if (this.bucketMs === FINE_MS && !this.options.keepsSeconds && this.latestMs - this.earliestMs >= COARSE_FROM_MS) {
      this.bucketMs = COARSE_MS;
      for (const series of this.byTags.values()) series.coarsen();
    }
    return Math.floor((timeMs - this.originMs) / this.bucketMs);
  }
}

function own<Value>(record: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

function noSamples(file: string, bytes: number, rejected: Result['source']['rejected']): string {
  if (bytes === 0) return `${file} is empty: k6 wrote nothing; look into k6's log for why`;
  const reasons = rejected.map(
    ({ reason, count, firstLine }) =>
      `  ${count} ${count === 1 ? 'line' : 'lines'} (the first is ${firstLine}): ${reason}`,
  );
  return [
    `${file} holds no sample of k6: expected is what k6 writes with --out json=FILE or --out csv=FILE`,
    ...reasons,
  ].join('\n');
}
