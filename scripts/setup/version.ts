import { type Probe, probeVersion } from './probe';

/** The k6 that set-up fetches or builds when the machine has none. `tools/k6/go.mod` pins the same version. */
export const PINNED_VERSION = '2.2.0';

/** What to say wherever a version is refused. */
export const SUPPORTED_RANGE = '2.2 or newer, below 3';

/** Reads the version from what `k6 version` prints; undefined when something else answered. */
export function parseK6Version(output: string): string | undefined {
  return /^k6(?:\.exe)? v(\d+\.\d+\.\d+)/.exec(output)?.[1];
}

/** Whether the suite works with this k6: the 2.2 options and outputs are relied on, and 3 may change them. */
export function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 2 && minor >= 2;
}

/** Environment for every k6 process: no usage report, and no download of extensions behind the user's back. */
export function k6Environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, K6_NO_USAGE_REPORT: 'true', K6_AUTO_EXTENSION_RESOLUTION: 'false' };
}

/** Runs `FILE version` and says whether that file is a k6 this suite can use, or why it is not. */
export function probeK6(file: string, env: NodeJS.ProcessEnv = process.env): Promise<Probe> {
  const check = { name: 'k6', args: ['version'], parse: parseK6Version, isSupported, range: SUPPORTED_RANGE };
  return probeVersion(file, k6Environment(env), check);
}
