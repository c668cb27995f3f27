import { read as readCallback } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { type LineSink, Page, Splitter } from './lines';

/** Standard input, as a source's name. */
export const STDIN = '-';

const STDIN_FD = 0;
const GZIP = Buffer.from([0x1f, 0x8b]);
/** A megabyte costs the fewest calls for which it still stays in a processor's cache until its lines are read. */
const READ_BYTES = 1 << 20;
/** What is unpacked gets memory of its own each time, which is given back late: a quarter of that makes 40 MB less of it. */
const UNPACKED_BYTES = 1 << 18;
const PACKED_BYTES = 1 << 16;
/** zlib's own limit. */
const LEAST_UNPACKED_BYTES = 64;

const read = promisify(readCallback);

/** What became of a source: how much there was, and what ended a compressed one before its time. */
export interface Read {
  readonly bytes: number;
  readonly cut: string | null;
}

/** Reads what comes next, at most as much as there is room, to a place in memory; 0 at the end. */
type Next = (into: Buffer, at: number, most: number) => Promise<number>;

/**
 * Reads a file, a pipe or standard input, compressed or not, line by line in constant memory.
 *
 * @param source a path, or `-`.
 * @param onBytes told the bytes of the source read so far.
 * @param readBytes bytes that are read at once.
 */
export async function readLines(
  source: string,
  sink: LineSink,
  onBytes: (bytes: number) => void,
  readBytes = READ_BYTES,
): Promise<Read> {
  const splitter = new Splitter(sink);
  const file = source === STDIN ? null : await open(source);
  let bytes = 0;
  const next: Next = async (into, at, most) => {
    const { bytesRead } = await read(file?.fd ?? STDIN_FD, into, at, most, null);
    bytes += bytesRead;
    if (bytesRead > 0) onBytes(bytes);
    return bytesRead;
  };
  try {
    const page = new Page(Math.max(GZIP.length, readBytes));
    const start = await fill(next, page);
    const isPacked = page.bytes.subarray(Page.START, Page.START + start).equals(GZIP);
    const cut = isPacked ? await readPacked(next, splitter, page) : await readPlain(next, splitter, page, start);
    splitter.end();
    return { bytes, cut };
  } finally {
    await file?.close();
  }
}

/** @returns how many bytes there are of those that tell a compressed source. */
async function fill(next: Next, page: Page): Promise<number> {
  let size = 0;
  while (size < GZIP.length) {
    const more = await next(page.bytes, Page.START + size, GZIP.length - size);
    if (more === 0) break;
    size += more;
  }
  return size;
}

/** Reads ahead into one page while the lines of the other are taken. */
async function readPlain(next: Next, splitter: Splitter, first: Page, start: number): Promise<null> {
  let [page, other, size] = [first, new Page(first.size), start];
  while (size > 0) {
    const reading = next(other.bytes, Page.START, other.size);
    splitter.push(page, size, other);
    size = await reading;
    [page, other] = [other, page];
  }
  return null;
}

/** @returns what ended the compressed stream before its time, or null. */
function readPacked(next: Next, splitter: Splitter, page: Page): Promise<string | null> {
  const packed = Readable.from(chunks(next));
  const gunzip = createGunzip({ chunkSize: Math.max(LEAST_UNPACKED_BYTES, Math.min(page.size, UNPACKED_BYTES)) });
  return new Promise((resolve, reject) => {
    packed.once('error', reject);
    // Taken as it comes rather than iterated: an iterator drops what is buffered when the stream fails at its cut end.
    gunzip.on('data', (chunk: Buffer) => {
      for (let from = 0; from < chunk.length; from += page.size) {
        splitter.push(page, chunk.copy(page.bytes, Page.START, from, from + page.size), page);
      }
    });
    gunzip.once('end', () => resolve(null));
    gunzip.once('error', (error: NodeJS.ErrnoException) => {
      packed.destroy();
      resolve(error.code === 'Z_BUF_ERROR' ? 'the compressed stream is cut off' : 'the compressed stream is damaged');
    });
    packed.pipe(gunzip);
  });
}

async function* chunks(next: Next): AsyncGenerator<Buffer> {
  yield GZIP;
  for (;;) {
    // Memory of its own each time: it is unpacked while the next is read.
    const chunk = Buffer.allocUnsafe(PACKED_BYTES);
    const size = await next(chunk, 0, PACKED_BYTES);
    if (size === 0) return;
    yield chunk.subarray(0, size);
  }
}
