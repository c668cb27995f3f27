import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type LineSink, Page, Splitter } from './lines';

/** Standard input, as a source's name. */
export const STDIN = '-';

const GZIP = Buffer.from([0x1f, 0x8b]);
const READ_BYTES = 1 << 20;
/** zlib's own limit. */
const SMALLEST_CHUNK_BYTES = 64;

/** What became of a source: how much there was, and what ended a compressed one before its time. */
export interface Read {
  readonly bytes: number;
  readonly cut: string | null;
}

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
  let bytes = 0;
  const count = (more: number) => {
    bytes += more;
    onBytes(bytes);
  };
  const file = source === STDIN ? null : await open(source);
  try {
    const isPlain = file !== null && (await file.stat()).isFile() && !(await startsAsGzip(file));
    const cut = isPlain
      ? await readFile(file, splitter, count, readBytes)
      : await readStream(
          file?.createReadStream({ highWaterMark: readBytes, autoClose: false }) ?? process.stdin,
          splitter,
          count,
          readBytes,
        );
    splitter.end();
    return { bytes, cut };
  } finally {
    await file?.close();
  }
}

/** Reads ahead into one page while the lines of the other are taken: the disk and the lines then cost the longer of both. */
async function readFile(
  file: FileHandle,
  splitter: Splitter,
  count: (bytes: number) => void,
  readBytes: number,
): Promise<null> {
  let [page, next] = [new Page(readBytes), new Page(readBytes)];
  let reading = file.read(page.bytes, Page.START, readBytes);
  for (;;) {
    const { bytesRead } = await reading;
    if (bytesRead === 0) return null;
    reading = file.read(next.bytes, Page.START, readBytes);
    count(bytesRead);
    splitter.push(page, bytesRead, next);
    [page, next] = [next, page];
  }
}

/** @returns what ended a compressed stream before its time, or null. */
async function readStream(
  stream: Readable,
  splitter: Splitter,
  count: (bytes: number) => void,
  readBytes: number,
): Promise<string | null> {
  const page = new Page(readBytes);
  const push = (chunk: Buffer) => {
    for (let from = 0; from < chunk.length; from += readBytes) {
      const size = chunk.copy(page.bytes, Page.START, from, from + readBytes);
      splitter.push(page, size, page);
    }
  };
  const chunks = counted(stream, count);
  const start = await firstBytes(chunks);
  if (isGzip(start)) return unpack(Readable.from(joined(start, chunks)), push, readBytes);
  push(start);
  for await (const chunk of chunks) push(chunk);
  return null;
}

function unpack(packed: Readable, push: (chunk: Buffer) => void, readBytes: number): Promise<string | null> {
  const gunzip = createGunzip({ chunkSize: Math.max(SMALLEST_CHUNK_BYTES, readBytes) });
  return new Promise((resolve, reject) => {
    packed.once('error', reject);
    // Taken as it comes rather than iterated: an iterator drops what is buffered when the stream fails at its cut end.
    gunzip.on('data', push);
    gunzip.once('end', () => resolve(null));
    gunzip.once('error', (error: NodeJS.ErrnoException) => {
      packed.destroy();
      resolve(error.code === 'Z_BUF_ERROR' ? 'the compressed stream is cut off' : 'the compressed stream is damaged');
    });
    packed.pipe(gunzip);
  });
}

async function* counted(stream: Readable, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    count(chunk.length);
    yield chunk;
  }
}

/** As many as tell a compressed stream, and whatever came with them. */
async function firstBytes(chunks: AsyncGenerator<Buffer>): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < GZIP.length) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    bytes = Buffer.concat([bytes, value]);
  }
  return bytes;
}

async function* joined(start: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield start;
  yield* rest;
}

async function startsAsGzip(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(GZIP.length), 0, GZIP.length, 0);
  return isGzip(buffer.subarray(0, bytesRead));
}

const isGzip = (bytes: Buffer): boolean => bytes.subarray(0, GZIP.length).equals(GZIP);
