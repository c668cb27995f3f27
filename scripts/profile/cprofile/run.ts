import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors';
import { readJson, writeTextAtomically } from '../../result/files';
import { root } from '../../root';
import type { Code } from './code';

/** Lines of a traceback that an error repeats: the exception, and where it came from. */
const SHOWN_LINES = 12;
/** Between one signal and the next stronger one. */
const PATIENCE_MS = 5000;
/** How a program is asked to end: as by Ctrl-C, then by the runner itself, then by the system, with nothing kept. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;

const functionSchema = z.object({
  name: z.string(),
  /** `~` for what is built in. */
  file: z.string(),
  line: z.number().int(),
  calls: z.number().int(),
  /** Within itself, and with all that it called; wall time, waiting included. */
  selfMs: z.number(),
  totalMs: z.number(),
});
export type ProfiledFunction = z.infer<typeof functionSchema>;

const outcomeSchema = z.object({
  end: z.enum(['done', 'stopped', 'failed']),
  /** Why it failed: its traceback. */
  why: z.string().optional(),
  durationMs: z.number(),
  python: z.object({ version: z.string(), path: z.string() }),
  functions: z.array(functionSchema),
});

/** What was measured of a program. */
export type CProfile = z.infer<typeof outcomeSchema> & {
  /** Why it was stopped before its own end; null when it was not. */
  readonly stoppedBy: 'deadline' | 'interruption' | null;
};

export interface CProfileOptions {
  readonly python: string;
  readonly code: Code;
  /** After which the program is stopped; null lets it take its time. */
  readonly durationMs: number | null;
  /** Stops the program as Ctrl-C would. */
  readonly signal: AbortSignal;
  /** Where the profile is kept: what `pstats` loads, and a report for people. Their folder exists. */
  readonly files: { readonly stats: string; readonly report: string };
}

/**
 * Runs a Python program under cProfile in an interpreter of the user's, with this process's own input and output.
 *
 * A program that fails is no profile of anything, so it is an error; what ran until then is kept in the files all the same.
 *
 * @throws UserError when the interpreter cannot be started, or the program fails, with the last lines of its traceback.
 */
export async function runCProfile(options: CProfileOptions): Promise<CProfile> {
  const { files, code } = options;
  // Beside the files, so that what is complete can be moved to its place; only this user may look into it.
  const folder = mkdtempSync(`${files.stats}.`);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  try {
    writeFileSync(join(folder, 'code.py'), code.source);
    const { ended, stoppedBy } = await run(options, folder);
    if (existsSync(join(folder, 'profile.stats'))) renameSync(join(folder, 'profile.stats'), files.stats);
    if (existsSync(join(folder, 'report.txt'))) {
      writeTextAtomically(files.report, readFileSync(join(folder, 'report.txt'), 'utf8'));
    }
    const outcome = join(folder, 'outcome.json');
    if (!existsSync(outcome))
      throw new UserError(`${code.name}: ${ended} before cProfile could tell what it did; nothing is kept`);
    const told = readJson(outcome, outcomeSchema, "the runner's outcome");
    if (told.end === 'failed') {
      const kept = existsSync(files.stats) ? `\nwhat ran until then is in ${files.report} and ${files.stats}` : '';
      throw new UserError(
        `${code.name} failed, so this is no profile of it:\n${lastLines(told.why ?? '', SHOWN_LINES)}${kept}`,
      );
    }
    if (told.end === 'stopped' && stoppedBy === null) {
      throw new UserError(
        `${code.name} was interrupted, by itself or by another program, so this is no profile of it\nwhat ran until then is in ${files.report} and ${files.stats}`,
      );
    }
    return { ...told, stoppedBy: told.end === 'stopped' ? stoppedBy : null };
  } finally {
    process.off('exit', remove);
    remove();
  }
}

type Ended = Pick<CProfile, 'stoppedBy'> & { /** How, in words. */ readonly ended: string };

function run({ python, code, durationMs, signal }: CProfileOptions, folder: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // The runner on the command line, as the program of `python -c`: there is no path that the program could import from.
    const runner = readFileSync(join(root, 'scripts', 'profile', 'cprofile', 'runner.py'), 'utf8');
    const child = spawn(python, ['-c', runner, folder, code.name], {
      stdio: 'inherit',
      // In a group of its own a terminal's Ctrl-C does not reach it twice, which asyncio takes for impatience.
      detached: true,
    });
    let stoppedBy: CProfile['stoppedBy'] = null;
    let next: NodeJS.Timeout | undefined;
    const stop = (at = 0) => {
      signalGroup(child, SIGNALS[at] ?? 'SIGKILL');
      if (at + 1 < SIGNALS.length) next = setTimeout(() => stop(at + 1), PATIENCE_MS);
    };
    const stopFor = (reason: NonNullable<typeof stoppedBy>) => {
      if (stoppedBy !== null) return;
      stoppedBy = reason;
      stop();
    };
    const interrupt = () => stopFor('interruption');
    const deadline = durationMs === null ? undefined : setTimeout(() => stopFor('deadline'), durationMs);
    const orphan = () => signalGroup(child, 'SIGKILL');
    signal.addEventListener('abort', interrupt);
    process.on('exit', orphan);
    const settle = () => {
      clearTimeout(deadline);
      clearTimeout(next);
      signal.removeEventListener('abort', interrupt);
      process.off('exit', orphan);
    };
    child.once('error', ({ message }) => {
      settle();
      reject(
        new UserError(
          `--python ${python}: it cannot be started (${message}); name an interpreter, such as .venv/bin/python`,
        ),
      );
    });
    child.once('exit', (exitCode, killedBy) => {
      settle();
      resolve({ stoppedBy, ended: killedBy === null ? `it ended with exit code ${exitCode}` : `${killedBy} ended it` });
    });
  });
}

/** As a terminal's Ctrl-C does: what the program has started is meant too. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}

const lastLines = (text: string, count: number): string => text.split('\n').slice(-count).join('\n');
