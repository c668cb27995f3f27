import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Reads a file in the format of `sha256sum` into name → lower-case digest; lines of any other form are ignored. */
export function parseChecksums(text: string): Map<string, string> {
  const digests = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, digest, name] = /^([0-9a-fA-F]{64}) [ *](.+)$/.exec(line) ?? [];
    if (digest !== undefined && name !== undefined) digests.set(name.replace(/^\.\//, ''), digest.toLowerCase());
  }
  return digests;
}

/** SHA-256 of a file as lower-case hex, at flat memory. */
export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
