import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Verdict, verdictSchema } from '../../scripts/result/verdict';
import { ended } from './reference';

export const repository = resolve(__dirname, '../..');
const DEADLINE_MS = 120_000;
/** Runs of tests do not belong to this checkout's history. */
const HISTORY = join(tmpdir(), `fiml-perf-history-${process.pid}`);

export interface Finished {
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

export interface CliOptions {
  /** On top of this process's environment, in which no override of the suite's own tests counts. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** A repository other than this one. */
  readonly root?: string;
  readonly deadlineMs?: number;
}

/** Starts `fiml-perf`; it is killed when it does not end in time. */
export function startCli(
  args: readonly string[],
  { env = {}, cwd = repository, root = repository, deadlineMs = DEADLINE_MS }: CliOptions = {},
): Started {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PERF_') || name === 'PERF_K6');
  const child = spawn(process.execPath, [join(root, 'bin', 'fiml-perf.js'), ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), PERF_HISTORY: HISTORY, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk;
  });
  const closed = new Promise<void>((done) => child.once('close', () => done()));
  const finished = ended(child, deadlineMs).then(async (code) => {
    await closed;
    return { code, ...text };
  });
  // Where a test fails before it waits for this, a rejection that comes later would end another test.
  finished.catch(() => undefined);
  return { child, finished };
}

export const cli = (args: readonly string[], options?: CliOptions): Promise<Finished> =>
  startCli(args, options).finished;

/** What a run left as its verdict. */
export const verdictIn = (folder: string): Verdict =>
  verdictSchema.parse(JSON.parse(readFileSync(join(folder, 'verdict.json'), 'utf8')));

export const temporaryFolder = (name: string): string => mkdtempSync(join(tmpdir(), `fiml-perf-${name}-`));

/**
 * A copy of this repository with files of its own on top.
 *
 * @param files by path, with their text.
 */
export function copyOfRepository(files: Readonly<Record<string, string>>): { root: string; remove(): void } {
  const root = temporaryFolder('repository');
  const left = ['node_modules', '.git', '.cache', 'dist', 'results', 'coverage', 'test'];
  cpSync(repository, root, {
    recursive: true,
    preserveTimestamps: true,
    filter: (source) => !left.some((name) => source === join(repository, name)),
  });
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** A program that stands in for k6: runs some lines of shell, then becomes the real one. */
export function wrapK6(folder: string, k6: string, onRun: string): string {
  const path = join(folder, 'k6');
  writeFileSync(path, `#!/bin/sh\nif [ "$1" = run ]; then\n${onRun}\nfi\nexec '${k6}' "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Polls until something holds. @throws when it does not in time. */
export async function until(holds: () => Promise<boolean> | boolean, what: string, deadlineMs = 60_000): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not in ${deadlineMs} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export const exists = (path: string): boolean => existsSync(path);
