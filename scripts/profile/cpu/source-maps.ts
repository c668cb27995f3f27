import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { Frame } from '../stacks/profile';

/**
 * Finds where the functions of bundled or compiled files come from, by the source maps beside them: a bundle is one file, and
 * says nothing about packages.
 *
 * @returns a function from a frame, and its column from 0, to the same frame in its source; what has no map stays as it is.
 */
export function sourceOf(): (frame: Frame, column: number) => Frame {
  const maps = new Map<string, SourceMap | null>();
  return (frame, column) => {
    const { file, line } = frame;
    if (!isAbsolute(file) || line === null) return frame;
    let map = maps.get(file);
    if (map === undefined) {
      map = readMap(file);
      maps.set(file, map);
    }
    const entry = map?.findEntry(line - 1, column);
    if (entry === undefined || !('originalSource' in entry)) return frame;
    return { ...frame, file: resolve(dirname(file), entry.originalSource), line: entry.originalLine + 1 };
  };
}

/** Null where a file names no map beside it, or has been changed or removed since its program was started. */
function readMap(file: string): SourceMap | null {
  try {
    const name = /\n\/\/# sourceMappingURL=(?!data:)(\S+)\s*$/.exec(readFileSync(file, 'utf8'))?.[1];
    if (name === undefined) return null;
    return new SourceMap(JSON.parse(readFileSync(resolve(dirname(file), name), 'utf8')) as SourceMapPayload);
  } catch {
    return null;
  }
}
