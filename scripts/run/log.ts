import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { redacted } from '../overrides/effective';
import type { Run } from '../result/run';

/** A script that throws in every iteration writes a trace each time; what is beyond this is counted, not kept. */
const LOG_LIMIT_BYTES = 10e6;
/** A line longer than this is no line of k6's. */
const LONGEST_LINE = 1e6;
/** As k6 writes it, by itself or with `--log-format json`. */
const THROWN = /\bsource(=|":")stacktrace\b/;
/** What every line of either form has. */
const LEVELLED = /\blevel(=|":")\w/;
/** By k6's remote write. */
const NOT_WRITTEN = 'Failed to send the time series data';

export interface K6Log {
  write(text: string): void;
  /** Flushes the last line and gives what was seen. */
  end(): Thrown & { notes: string[] };
}

/** Keeps k6's output as `k6.log`, without secrets, and counts the iterations that threw. */
export function openK6Log(path: string, secrets: readonly string[]): K6Log {
  const descriptor = openSync(path, 'w');
  const notes: string[] = [];
  let rest = '';
  let bytes = 0;
  let dropped = 0;
  let failure: string | null = null;
  let thrownIterations = 0;
  let firstThrown: string | null = null;
  let lostWrites = 0;
  let firstLost = '';

  const line = (text: string) => {
    if (THROWN.test(text)) {
      thrownIterations += 1;
      firstThrown ??= messageOf(redacted(text, secrets));
    }
    if (text.includes(NOT_WRITTEN)) {
      if (lostWrites === 0) firstLost = valueIn(redacted(text, secrets), 'error');
      lostWrites += 1;
    }
    if (bytes > LOG_LIMIT_BYTES || failure !== null) {
      dropped += 1;
      return;
    }
    const kept = `${redacted(text, secrets)}\n`;
    bytes += Buffer.byteLength(kept);
    try {
      writeSync(descriptor, kept);
    } catch (error) {
      // A full disk must not end the run: what k6 did is still counted, and the samples are still judged.
      failure = (error as NodeJS.ErrnoException).code ?? String(error);
    }
  };

  return {
    write(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE) {
        lines.push(rest);
        rest = '';
      }
      for (const each of lines) line(each);
    },
    end() {
      if (rest !== '') line(rest);
      closeSync(descriptor);
      if (failure !== null) notes.push(`k6.log is cut: it could not be written (${failure})`);
      else if (dropped > 0)
        notes.push(`k6.log is cut after ${LOG_LIMIT_BYTES / 1e6} MB; ${dropped} lines are not in it`);
      if (lostWrites > 0) {
        notes.push(
          `Prometheus did not take ${lostWrites} of k6's writes, and what they said is missing there: ${firstLost}` +
            (/status code: 5/.test(firstLost) ? ' (does it run with --enable-feature=native-histograms?)' : ''),
        );
      }
      return { thrownIterations, firstThrown, notes };
    },
  };
}

type Thrown = Pick<Run['k6'], 'thrownIterations' | 'firstThrown'>;

/**
 * Counts the iterations that threw in a log that k6 wrote itself.
 *
 * @throws Error with why it does not tell: what the system says when it cannot be read, or its form.
 */
export async function thrownIn(path: string, secrets: readonly string[]): Promise<Thrown> {
  const thrown = { thrownIterations: 0, firstThrown: null as string | null };
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    // With `--log-format raw` k6 writes the bare message, and a throw looks like any other.
    if (line !== '' && !LEVELLED.test(line)) throw new Error('it is in a form that does not tell (--log-format raw)');
    if (!THROWN.test(line)) continue;
    thrown.thrownIterations += 1;
    thrown.firstThrown ??= messageOf(redacted(line, secrets));
  }
  return thrown;
}

/** What was thrown, from a line such as `level=error msg="TypeError: … at traffic (load.ts:70)" …`. */
const messageOf = (line: string): string => valueIn(line, 'msg');

/** Of `key="value"`, or `"key":"value"` in JSON; all of a line that has no such key. */
function valueIn(line: string, key: string): string {
  const quoted = new RegExp(`\\b${key}(?:=|":)"((?:[^"\\\\]|\\\\.)*)"`).exec(line)?.[1] ?? line;
  return quoted
    .replace(/(\\[nt]|\s)+/g, ' ')
    .replace(/\\"/g, '"')
    .trim()
    .slice(0, 300);
}
