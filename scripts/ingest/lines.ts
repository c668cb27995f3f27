import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';

/** k6's longest lines are a few kilobytes; without a limit, a file without line ends would be read into memory whole. */
export const LONGEST_LINE_BYTES = 1_000_000;

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 10;

export interface LineSink {
  /** A line without its end. `last` marks one that the file's end closes, not a line end. */
  line(text: string, last: boolean): void;
  /** A line that cannot be given as text. */
  unreadable(reason: string): void;
}

/**
 * Reads a file, compressed or not, line by line in constant memory.
 *
 * @param onBytes told the bytes of the file read so far.
 * @returns what ended the compressed stream before its time, or null.
 */
export async function readLines(
  path: string,
  sink: LineSink,
  onBytes: (bytes: number) => void,
): Promise<string | null> {
  const splitter = new Splitter(sink);
  // Asked before the file is opened for reading: a stream that has a listener does not wait.
  const compressed = await isGzip(path);
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  let read = 0;
  file.on('data', (chunk) => {
    read += chunk.length;
    onBytes(read);
  });
  if (!compressed) {
    await new Promise<void>((resolve, reject) => {
      file.on('data', (chunk) => splitter.push(chunk as Buffer));
      file.once('error', reject).once('end', resolve);
    });
    splitter.end();
    return null;
  }
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const problem = await new Promise<string | null>((resolve, reject) => {
    file.once('error', reject);
    // Taken as it comes rather than iterated: an iterator drops what is buffered when the stream fails at its cut end.
    gunzip.on('data', (chunk: Buffer) => splitter.push(chunk));
    gunzip.once('end', () => resolve(null));
    gunzip.once('error', (error: NodeJS.ErrnoException) => {
      file.destroy();
      resolve(error.code === 'Z_BUF_ERROR' ? 'the compressed stream is cut off' : 'the compressed stream is damaged');
    });
    file.pipe(gunzip);
  });
  splitter.end();
  return problem;
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

/** Cuts chunks into lines. Whole blocks become text at once: decoding line by line costs several times as much. */
class Splitter {
  private rest: Buffer[] = [];
  private restBytes = 0;
  private skipping = false;

  constructor(private readonly sink: LineSink) {}

  push(chunk: Buffer): void {
    const firstEnd = chunk.indexOf(NEWLINE);
    if (firstEnd === -1) {
      this.keep(chunk);
      return;
    }
    this.keep(chunk.subarray(0, firstEnd));
    this.finishLine(false);
    const lastEnd = chunk.lastIndexOf(NEWLINE);
    if (lastEnd > firstEnd) this.block(chunk.subarray(firstEnd + 1, lastEnd));
    // A copy: the chunk's memory must not stay alive for its last few bytes, nor be reused under them.
    this.keep(Buffer.from(chunk.subarray(lastEnd + 1)));
  }

  end(): void {
    if (this.restBytes > 0 || this.skipping) this.finishLine(true);
  }

  private keep(bytes: Buffer): void {
    if (bytes.length === 0 || this.skipping) return;
    this.rest.push(bytes);
    this.restBytes += bytes.length;
    if (this.restBytes <= LONGEST_LINE_BYTES) return;
    this.rest = [];
    this.restBytes = 0;
    this.skipping = true;
  }

  private finishLine(last: boolean): void {
    if (this.skipping) {
      this.skipping = false;
      this.sink.unreadable('longer than 1 MB');
      return;
    }
    const bytes = this.rest.length === 1 ? (this.rest[0] as Buffer) : Buffer.concat(this.rest);
    this.rest = [];
    this.restBytes = 0;
    this.line(bytes, last);
  }

  private block(bytes: Buffer): void {
    if (isUtf8(bytes)) {
      for (const line of bytes.toString('utf8').split('\n')) this.sink.line(line, false);
      return;
    }
    let from = 0;
    while (from <= bytes.length) {
      const at = bytes.indexOf(NEWLINE, from);
      const to = at === -1 ? bytes.length : at;
      this.line(bytes.subarray(from, to), false);
      from = to + 1;
    }
  }

  private line(bytes: Buffer, last: boolean): void {
    // The cut may lie inside a character: the end of a file is judged by its form, not by its encoding.
    if (last || isUtf8(bytes)) this.sink.line(bytes.toString('utf8'), last);
    else this.sink.unreadable('not UTF-8');
  }
}
