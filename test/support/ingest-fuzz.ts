import { writeFileSync } from 'node:fs';
import { UserError } from '../../scripts/errors';
import { type IngestOptions, ingest } from '../../scripts/ingest';
import { resultSchema } from '../../scripts/result/result';
import { type Plain, plainIngest } from './plain-ingest';

const TAG_SET_CAP = 20;

/**
 * Reads a file's bytes both ways.
 *
 * @param readBytes that the ingest takes at once.
 * @param keepsSeconds whether a long file has fine buckets too: the sum of ten seconds' sums differs in its last digit.
 */
export async function bothWays(
  path: string,
  bytes: Buffer,
  readBytes: number,
  keepsSeconds = true,
): Promise<{ quick: Plain | string; plain: Plain | string }> {
  writeFileSync(path, bytes);
  const options = { tagSetCap: TAG_SET_CAP, keepsSeconds };
  const plain = plainIngest(bytes, options);
  return {
    quick: await quickly(path, { ...options, readBytes }),
    plain: plain.source.samples === 0 ? 'no sample' : plain,
  };
}

async function quickly(path: string, options: IngestOptions): Promise<Plain | string> {
  try {
    const result = await ingest(path, options);
    resultSchema.parse(result);
    const { schema, version, histogram, source, ...rest } = result;
    const { file, format, bytes, parsedLines, ...counted } = source;
    return { ...rest, source: counted };
  } catch (error) {
    if (error instanceof UserError && error.message.includes('no sample of k6')) return 'no sample';
    throw error;
  }
}
