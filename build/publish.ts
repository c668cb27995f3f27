import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { OutputFile } from 'esbuild';

/** Longer than any build takes: what is older was left by one that was killed. */
const ABANDONED_AFTER_MS = 10 * 60 * 1000;

/** A folder for unfinished files inside the output folder, and when it was made by the file system's own clock. */
export interface Staging {
  folder: string;
  startedAt: Date;
}

/** Opens a staging folder; to be called before the first source is read. */
export function openStaging(outDir: string): Staging {
  mkdirSync(outDir, { recursive: true });
  for (const name of readdirSync(outDir).filter((entry) => entry.startsWith('.build-'))) {
    const left = join(outDir, name);
    const age = Date.now() - (statSync(left, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > ABANDONED_AFTER_MS) rmSync(left, { recursive: true, force: true });
  }
  const folder = mkdtempSync(join(outDir, '.build-'));
  // Rounded down: a Date holds whole milliseconds, and `mtime` may lie past a source that was saved at that moment.
  return { folder, startedAt: new Date(Math.floor(statSync(folder).mtimeMs)) };
}

/**
 * Moves finished files into place, each by one rename. They are dated to the start of the build: a source that was saved
 * while esbuild was reading is then newer than its bundle, and the next start builds again.
 */
export function publish(files: readonly OutputFile[], outDir: string, staging: Staging): void {
  const staged = files.map((file) => {
    const name = basename(file.path);
    const path = join(staging.folder, name);
    writeFileSync(path, file.contents);
    utimesSync(path, staging.startedAt, staging.startedAt);
    return { name, path };
  });
  for (const { name, path } of staged) renameSync(path, join(outDir, name));
}

/** Removes the staging folder; a finished build leaves it empty. */
export function closeStaging(staging: Staging): void {
  rmSync(staging.folder, { recursive: true, force: true });
}

/**
 * Removes bundles that no source stands behind any more: nobody shall run a scenario that was deleted. With them goes what
 * bin/fiml-perf.js has kept of V8's work on bundles that are replaced now.
 */
export function prune(outDir: string, keep: ReadonlySet<string>): void {
  for (const name of readdirSync(outDir)) {
    const bundle = /^(.+)\.js(\.map)?$/.exec(name)?.[1];
    const isCompiled = /\.compiled(\.\d+)?$/.test(name);
    if (isCompiled || (bundle !== undefined && !keep.has(bundle))) rmSync(join(outDir, name), { force: true });
  }
}
