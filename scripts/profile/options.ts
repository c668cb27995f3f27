import { Option } from 'commander';
import { parseDurationMs } from '../../config';
import { UserError } from '../errors';

/** Values of the command line, by commander's names. */
export interface ProfileFlags {
  readonly target?: string;
  readonly url?: string;
  readonly pid?: string;
  readonly duration?: string;
  readonly code?: string;
  readonly codeFile?: string;
  readonly python?: string;
  readonly [name: string]: unknown;
}

/** Options that several modes take. */
export const TARGET = new Option('--target <name>', 'send the load of this component, and profile the server under it');
export const URL = new Option('--url <url>', 'the server, instead of PERF_TARGET; without either an embedded one');
export const PID = new Option(
  '--pid <pid>',
  "the server's process; without it that which listens on the target's port",
);
export const DURATION = new Option(
  '--duration <duration>',
  'how long to look, such as 30s or 2m (default: 30s; a program under cProfile takes its time)',
);
export const PYTHON = new Option(
  '--python <path>',
  "Python interpreter, such as that of FIML's venv (default: python3 on PATH; of a server, its own)",
);

const DEFAULT_DURATION = '30s';
const SHORTEST_MS = 1000;

/** What `--pid` says; null without it. @throws UserError for what is no process id. */
export function readPid({ pid }: Pick<ProfileFlags, 'pid'>): number | null {
  if (pid === undefined) return null;
  if (!/^[1-9]\d{0,9}$/.test(pid)) {
    throw new UserError(
      `--pid must be the number of a process, not ${JSON.stringify(pid)}: pgrep -af fiml.server finds it`,
    );
  }
  return Number(pid);
}

/** @throws UserError for what is no duration of at least a second. */
export function readDurationMs({ duration = DEFAULT_DURATION }: Pick<ProfileFlags, 'duration'>): number {
  // The guide's own notation is a bare number of seconds.
  const durationMs = parseDurationMs(/^\d+$/.test(duration) ? `${duration}s` : duration);
  if (durationMs !== null && durationMs >= SHORTEST_MS) return durationMs;
  throw new UserError(`--duration must be at least a second, such as 30s or 2m, not ${JSON.stringify(duration)}`);
}
