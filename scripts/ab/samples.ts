import { csvReader, looksLikeCsv } from '../ingest/csv';
import type { LineParser, SampleSink, Tags } from '../ingest/sample';
import type { AbRound } from '../result/ab';
import { answered } from '../result/query';

const SIDES: readonly (string | undefined)[] = ['baseline', 'candidate'];
const METRICS: readonly string[] = [
  'http_req_duration',
  'fiml_failed',
  'http_reqs',
  'dropped_iterations',
  'iterations',
];

/** Reads k6's CSV while it is written, and keeps what a comparison of two servers is made of. */
export class PairReader implements SampleSink {
  readonly round: AbRound = {
    startedAtMs: 0,
    samples: { side: [], operation: [], atMs: [], durationUs: [] },
    failures: [],
  };
  /** Every request that k6 tells of, setup and warm-up included: what k6's own count must equal. */
  requests = 0;
  iterations = 0;
  dropped = 0;
  /** Lines that look like samples and cannot be read. */
  unreadable = 0;
  /** Steady requests without an answer, by side. */
  readonly unanswered: [number, number] = [0, 0];
  private rest = '';
  private readLine: LineParser | null = null;
  private readonly parsed = new Map<string, Tags | null>();
  private readonly bySecond = new Map<string, AbRound['failures'][number]>();

  /** @param operations names seen so far, shared by all rounds; new ones are added. */
  constructor(private readonly operations: string[]) {}

  write(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      if (this.readLine === null) {
        if (looksLikeCsv(line)) this.readLine = csvReader(line);
      } else if (METRICS.includes(line.slice(0, line.indexOf(',')))) {
        this.readLine(line, this);
      }
    }
  }

  /** How long the steady phase has been going on, ms, as far as answers tell. */
  get measuredMs(): number {
    return this.round.samples.atMs.at(-1) ?? 0;
  }

  sample(metric: string, key: string, tags: () => Tags | null, timeMs: number, value: number): boolean {
    let known = this.parsed.get(key);
    if (known === undefined) {
      known = tags();
      this.parsed.set(key, known);
    }
    if (known === null) return false;
    if (metric === 'http_reqs') this.requests += value;
    else if (metric === 'iterations') this.iterations += value;
    else if (metric === 'dropped_iterations') this.dropped += value;
    else if (known.phase === 'steady') this.steady(metric, known, timeMs, value);
    return true;
  }

  metric(): void {
    // The CSV does not say what metrics are, and these are known.
  }

  reject(): void {
    this.unreadable += 1;
  }

  private steady(metric: string, tags: Tags, timeMs: number, value: number): void {
    const side = SIDES.indexOf(tags.side);
    const { round } = this;
    if (side < 0 || tags.name === undefined) return;
    if (round.startedAtMs === 0) round.startedAtMs = timeMs;
    // Answers are written in the order in which VUs hand them over: the first line need not be the earliest.
    const atMs = Math.max(0, timeMs - round.startedAtMs);
    if (metric === 'fiml_failed') {
      const second = Math.floor(atMs / 1000);
      const key = `${side} ${second}`;
      let entry = this.bySecond.get(key);
      if (entry === undefined) {
        entry = { side, second, count: 0, failed: 0 };
        this.bySecond.set(key, entry);
        round.failures.push(entry);
      }
      entry.count += 1;
      entry.failed += value;
    } else if (!answered({ tags })) {
      this.unanswered[side as 0 | 1] += 1;
    } else {
      let operation = this.operations.indexOf(tags.name);
      if (operation < 0) operation = this.operations.push(tags.name) - 1;
      round.samples.side.push(side);
      round.samples.operation.push(operation);
      round.samples.atMs.push(Math.round(atMs));
      round.samples.durationUs.push(Math.max(1, Math.round(value * 1000)));
    }
  }
}
