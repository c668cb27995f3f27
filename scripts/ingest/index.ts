import { isUtf8 } from 'node:buffer';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../errors';
import { readProblem } from '../result/files';
import { ALPHA } from '../result/histogram';
import { type MetricType, RESULT_VERSION, type Result, type Series } from '../result/result';
import { COARSE_FROM_MS, COARSE_MS, Collected, FINE_MS, Sample } from './collect';
import { csvForm, csvReader, looksLikeCsv } from './csv';
import { jsonForm, looksLikeJson, readJsonLine } from './json';
import { type LineSink, LONGEST_LINE_BYTES, type Page } from './lines';
import { BUILT_IN, type MetricTypes } from './metrics';
import { QuickReader, type Taker } from './quick';
import type { LineParser, SampleSink, Tags } from './sample';
import { Slowest } from './slowest';
import { readLines, STDIN } from './source';

export interface IngestOptions {
  /** Told the bytes read so far and those of the whole file, null of a pipe, about once a megabyte. */
  readonly onProgress?: (bytes: number, totalBytes: number | null) => void;
  /** Most series that are kept; the samples of further ones are counted as overflow. 5000 when not given. */
  readonly tagSetCap?: number;
  /** What metrics are, where the file does not say: k6's CSV never does, its `summary.json` does. */
  readonly metricTypes?: Readonly<Record<string, { readonly type: MetricType; readonly contains?: string }>>;
  /** Whether time buckets stay as short as a second, however long the run was. */
  readonly keepsSeconds?: boolean;
  /** Where the time buckets begin to be counted, epoch ms; the first sample's time when not given. Results that are merged share it. */
  readonly originMs?: number;
  /** Bytes that are read at once; a megabyte when not given. */
  readonly readBytes?: number;
  /** Tags that say where a sample was taken and nothing about it: they are left out, and split no series. */
  readonly isForeignTag?: (name: string) => boolean;
}

const NEWLINE = 10;
const DEFAULT_CAP = 5000;
/** Tag sets beyond the cap that are told apart; more are counted as these. */
const COUNTED_OVERFLOW = 100_000;
/** k6 writes once a second at the latest, unsorted within what it writes: a smaller step back is no clock's doing. */
const FLUSH_ORDER_MS = 2000;

/** What was read. Its series are made one after the other as they are asked for: all of them take more memory than reading. */
export interface Samples extends Omit<Result, 'series'> {
  readonly series: Iterable<Series>;
}

/**
 * Reads samples as {@link readSamples} does, into a whole result.
 *
 * @throws UserError as that does.
 */
export async function ingest(samplesFile: string, options: IngestOptions = {}): Promise<Result> {
  const samples = await readSamples(samplesFile, options);
  return { ...samples, series: [...samples.series] };
}

/**
 * Reads k6's samples, JSON lines or CSV, compressed or not, of any script, into one series for each metric and set of tags.
 * From a file, a pipe or, of the name `-`, standard input.
 *
 * The content tells the form, not the name. Whatever is not a sample is counted with its reason, and the rest is kept.
 * Memory grows with series and time buckets, not with samples.
 *
 * @throws UserError when the file cannot be read or holds no sample at all.
 */
export async function readSamples(samplesFile: string, options: IngestOptions = {}): Promise<Samples> {
  try {
    const size = await sizeOf(samplesFile);
    const reader = new Reader(options);
    const onBytes = (bytes: number) => options.onProgress?.(bytes, size);
    const { bytes, cut } = await readLines(samplesFile, reader, onBytes, options.readBytes);
    return reader.finish(samplesFile, bytes, cut);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${samplesFile} cannot be read: ${readProblem(error)}`);
  }
}

/** Null of a pipe, of which nobody knows how much there will be. */
async function sizeOf(samplesFile: string): Promise<number | null> {
  if (samplesFile === STDIN) return null;
  const file = await stat(samplesFile);
  return file.isFile() ? file.size : null;
}

class Reader implements LineSink, SampleSink, Taker {
  private format: Result['source']['format'] | null = null;
  private parseLine: LineParser | null = null;
  private quick: QuickReader | null = null;
  private lineCount = 0;
  private parsedLines = 0;
  private samples = 0;
  private truncated = false;
  private readonly rejected = new Map<string, { reason: string; count: number; firstLine: number }>();
  private rejectedLines = 0;
  /** What the last sample was taken into, for the quick way to know its like by. */
  private lastSeries: Collected | null = null;
  private readonly parsed = new Sample();

  /** A map: a metric may be called `constructor`. */
  private readonly metrics = new Map<string, MetricTypes[string]>();
  private readonly assumed = new Set<string>();
  private readonly byTags = new Map<string, Collected>();
  private readonly overflowSets = new Set<number>();
  private overflowSamples = 0;
  private readonly slowest = new Slowest();

  private originMs = Number.NaN;
  private lastTimeMs = Number.NaN;
  private lastBucket = 0;
  private earliestMs = Number.POSITIVE_INFINITY;
  private latestMs = Number.NEGATIVE_INFINITY;
  private bucketMs = FINE_MS;
  private stepBackMs = 0;

  constructor(private readonly options: IngestOptions) {}

  lines(page: Page, from: number, to: number): void {
    let at = from;
    while (at < to) {
      if (this.quick !== null) {
        at = this.quick.read(page, at, to);
        if (at === to) return;
      }
      const end = page.bytes.indexOf(NEWLINE, at);
      this.unknownLine(page, at, end);
      at = end + 1;
    }
  }

  lastLine(bytes: Buffer): void {
    this.lineCount += 1;
    // The cut may lie inside a character: the end of a file is judged by its form, not by its encoding.
    const text = bytes.toString('utf8');
    if (text === '\r' || !this.recognised(text)) return;
    if (this.format === 'k6-csv') {
      // A cut value or tag still looks whole, and k6 ends every line.
      this.truncated = true;
      this.reject('cut off by the end of the file');
      return;
    }
    const before = this.rejectedLines;
    this.parse(text);
    if (this.rejectedLines > before) this.truncated = true;
  }

  unreadable(reason: string): void {
    this.lineCount += 1;
    this.reject(reason);
  }

  /** A line that the quick way does not know, or not yet. */
  private unknownLine(page: Page, from: number, to: number): void {
    const bytes = page.bytes.subarray(from, to);
    this.lineCount += 1;
    if (bytes.length > LONGEST_LINE_BYTES) {
      this.reject('longer than 1 MB');
      return;
    }
    if (!isUtf8(bytes)) {
      this.reject('not UTF-8');
      return;
    }
    const text = bytes.toString('utf8');
    if (text === '' || text === '\r' || !this.recognised(text)) return;
    if (this.parse(text)) this.quick?.learn(page, from, to + 1, this.lastSeries);
  }

  /** @returns whether the quick way will know the like of it. */
  private parse(line: string): boolean {
    this.parsedLines += 1;
    return this.parseLine?.(line, this) === true;
  }

  reject(reason: string): void {
    const known = this.rejected.get(reason);
    this.rejectedLines += 1;
    if (known === undefined) this.rejected.set(reason, { reason, count: 1, firstLine: this.linesRead() });
    else known.count += 1;
  }

  metric(name: string, type: MetricType, contains: string): void {
    this.metrics.set(name, { type, contains: contains === 'time' || contains === 'data' ? contains : 'default' });
    this.assumed.delete(name);
  }

  sample(
    metric: string,
    _key: string,
    tags: () => Tags | null,
    timeMs: number,
    value: number,
    subject: string | null = null,
  ): boolean {
    const parsed = tags();
    if (parsed === null) return false;
    this.lastSeries = this.seriesOf(metric, this.ownTags(parsed));
    this.parsed.timeMs = timeMs;
    this.parsed.value = value;
    this.take(this.lastSeries, this.parsed, subject);
    return true;
  }

  take(series: Collected | null, sample: Sample, subject: string | null = null): void {
    this.samples += 1;
    if (series === null) {
      this.overflowSamples += 1;
      return;
    }
    // All metrics of a request have one time.
    if (sample.timeMs !== this.lastTimeMs) this.startTime(sample.timeMs);
    sample.bucket = this.lastBucket;
    series.add(sample);
    if (series.slowRole !== null) {
      this.slowest.add(series.slowRole, sample.value, sample.timeMs, series.tags, subject);
    }
  }

  finish(file: string, bytes: number, cut: string | null): Samples {
    if (cut !== null) {
      this.truncated = true;
      this.reject(cut);
    }
    const rejected = [...this.rejected.values()];
    if (this.samples === 0 || this.format === null) throw new UserError(noSamples(file, bytes, rejected));
    const source: Result['source'] = {
      file: file === STDIN ? 'stdin' : basename(file),
      format: this.format,
      bytes,
      lines: this.linesRead(),
      samples: this.samples,
      parsedLines: this.parsedLines,
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
      series: this.series(),
      ...(slowest === undefined ? {} : { slowest }),
    };
  }

  private *series(): Iterable<Series> {
    for (const one of this.byTags.values()) yield one.toSeries(this.typeOf(one.metric));
  }

  private linesRead(): number {
    return this.lineCount + (this.quick?.lines ?? 0);
  }

  /** Whether a line may hold a sample: whatever comes before the first that is known does not, nor does CSV's header. */
  private recognised(line: string): boolean {
    if (this.parseLine !== null) return true;
    const text = line.replace(/^\uFEFF/, '');
    if (looksLikeCsv(text)) {
      this.format = 'k6-csv';
      this.parseLine = csvReader(text);
      this.quick = new QuickReader(csvForm(), this);
      return false;
    }
    if (looksLikeJson(text)) {
      this.format = 'k6-json';
      this.parseLine = readJsonLine;
      this.quick = new QuickReader(jsonForm(), this);
      return true;
    }
    this.reject('before the first line of a form that k6 writes');
    return false;
  }

  private ownTags(tags: Tags): Tags {
    const { isForeignTag } = this.options;
    if (isForeignTag === undefined) return tags;
    return Object.fromEntries(Object.entries(tags).filter(([name]) => !isForeignTag(name)));
  }

  private seriesOf(metric: string, tags: Tags): Collected | null {
    const identity = `${metric}${JSON.stringify(tags)}`;
    const known = this.byTags.get(identity);
    if (known !== undefined) return known;
    if (this.byTags.size >= (this.options.tagSetCap ?? DEFAULT_CAP)) {
      if (this.overflowSets.size < COUNTED_OVERFLOW) this.overflowSets.add(hashOfText(identity));
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

  private startTime(timeMs: number): void {
    if (Number.isNaN(this.originMs)) this.originMs = this.options.originMs ?? Math.floor(timeMs);
    if (timeMs < this.earliestMs) this.earliestMs = timeMs;
    const back = this.latestMs - timeMs;
    if (back > FLUSH_ORDER_MS && back > this.stepBackMs) this.stepBackMs = Math.round(back);
    if (timeMs > this.latestMs) this.latestMs = timeMs;
    if (this.bucketMs === FINE_MS && !this.options.keepsSeconds && this.latestMs - this.earliestMs >= COARSE_FROM_MS) {
      this.bucketMs = COARSE_MS;
      for (const series of this.byTags.values()) series.coarsen();
    }
    this.lastTimeMs = timeMs;
    this.lastBucket = Math.floor((timeMs - this.originMs) / this.bucketMs);
  }
}

function own<Value>(record: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** 53 bits of a text: what is only counted is not worth keeping, and two of 100,000 are alike once in two million times. */
function hashOfText(text: string): number {
  let [high, low] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 0x85ebca6b);
    high ^= high >>> 15;
    low = Math.imul(low ^ unit, 0x9e3779b1);
    low ^= low >>> 13;
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
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
