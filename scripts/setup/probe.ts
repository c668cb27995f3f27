import { execFile } from 'node:child_process';

/** Long enough for a cold start from a slow disk; a binary that needs more is not answering. */
const PROBE_TIMEOUT_MS = 20_000;

/** What became of asking a file for its version. */
export type Probe = { ok: true; version: string } | { ok: false; reason: string };

/** How a program is asked for its version, and which ones the suite works with. */
export interface VersionCheck {
  readonly name: string;
  readonly args: readonly string[];
  /** The version in what it prints; undefined when something else answered. */
  readonly parse: (output: string) => string | undefined;
  readonly isSupported: (version: string) => boolean;
  /** What to say wherever a version is refused. */
  readonly range: string;
}

/** Asks a file for its version and says whether it is a program that this suite can use, or why it is not. */
export function probeVersion(file: string, env: NodeJS.ProcessEnv, check: VersionCheck): Promise<Probe> {
  return new Promise((done) => {
    execFile(file, check.args, { env, timeout: PROBE_TIMEOUT_MS }, (error, stdout) => {
      const version = check.parse(stdout);
      if (version === undefined) {
        const answered = `answered ${JSON.stringify(firstLine(stdout))}, not as ${check.name}`;
        done({ ok: false, reason: error ? describe(error, check.args) : answered });
      } else if (!check.isSupported(version)) {
        done({ ok: false, reason: `is v${version}; needed is ${check.range}` });
      } else {
        done({ ok: true, version });
      }
    });
  });
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, 80);
}

function describe(error: Error & { code?: string | number | null; killed?: boolean }, args: readonly string[]): string {
  if (error.code === 'ENOENT') return 'does not exist';
  if (error.code === 'EACCES') return 'is not executable';
  if (error.killed) return `did not answer "${args.join(' ')}" within ${PROBE_TIMEOUT_MS / 1000} s`;
  if (typeof error.code === 'number') return `ended with exit code ${error.code} when asked for its version`;
  return `cannot be started (${error.code ?? error.message})`;
}
