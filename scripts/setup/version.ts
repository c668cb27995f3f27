import { execFile } from 'node:child_process';

/** The k6 that set-up fetches or builds when the machine has none. `tools/k6/go.mod` pins the same version. */
export const PINNED_VERSION = '2.2.0';

/** What to say wherever a version is refused. */
export const SUPPORTED_RANGE = '2.2 or newer, below 3';

/** Long enough for a cold start from a slow disk; a binary that needs more is not answering. */
const PROBE_TIMEOUT_MS = 20_000;

/** Reads the version from what `k6 version` prints; undefined when something else answered. */
export function parseK6Version(output: string): string | undefined {
  return /^k6(?:\.exe)? v(\d+\.\d+\.\d+)/.exec(output)?.[1];
}

/** Whether the suite works with this k6: the 2.2 options and outputs are relied on, and 3 may change them. */
export function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 2 && minor >= 2;
}

/** What became of asking a file for its k6 version. */
export type Probe = { ok: true; version: string } | { ok: false; reason: string };

/** Environment for every k6 process: no usage report, and no download of extensions behind the user's back. */
export function k6Environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, K6_NO_USAGE_REPORT: 'true', K6_AUTO_EXTENSION_RESOLUTION: 'false' };
}

/** Runs `FILE version` and says whether that file is a k6 this suite can use, or why it is not. */
export function probeK6(file: string, env: NodeJS.ProcessEnv = process.env): Promise<Probe> {
  return new Promise((done) => {
    execFile(file, ['version'], { env: k6Environment(env), timeout: PROBE_TIMEOUT_MS }, (error, stdout) => {
      const version = parseK6Version(stdout);
      if (version === undefined) {
        done({
          ok: false,
          reason: error ? describe(error) : `answered ${JSON.stringify(firstLine(stdout))}, not as k6`,
        });
      } else if (!isSupported(version)) {
        done({ ok: false, reason: `is v${version}; needed is ${SUPPORTED_RANGE}` });
      } else {
        done({ ok: true, version });
      }
    });
  });
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, 80);
}

function describe(error: Error & { code?: string | number | null; killed?: boolean }): string {
  if (error.code === 'ENOENT') return 'does not exist';
  if (error.code === 'EACCES') return 'is not executable';
  if (error.killed) return `did not answer "version" within ${PROBE_TIMEOUT_MS / 1000} s`;
  if (typeof error.code === 'number') return `ended with exit code ${error.code} when asked for its version`;
  return `cannot be started (${error.code ?? error.message})`;
}
