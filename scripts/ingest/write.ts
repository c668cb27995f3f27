import { writeChunksAtomically } from '../result/files';
import type { Series } from '../result/result';
import type { Samples } from './index';
import { resultText } from './text';

/**
 * Writes what was read as `result.json`, to the byte as one JSON text, of which only one series at a time is in memory.
 *
 * @returns what was read, for a person.
 * @throws UserError when it cannot be written.
 */
export function writeResult(path: string, samples: Samples): string {
  const kept: Series[] = [];
  writeChunksAtomically(path, chunksOf(samples, kept));
  return resultText({ ...samples, series: kept });
}

/** @param kept is given the series as they are written, without their time buckets: most of each. */
function* chunksOf({ series, slowest, ...head }: Samples, kept: Series[]): Iterable<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"series":[`;
  for (const one of series) {
    yield `${kept.length === 0 ? '' : ','}${JSON.stringify(one)}`;
    const { buckets, ...whole } = one;
    kept.push(whole);
  }
  yield `]${slowest === undefined ? '' : `,"slowest":${JSON.stringify(slowest)}`}}\n`;
}
