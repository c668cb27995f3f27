import { type Probe, probeVersion } from './probe';

/** The actionlint that set-up builds when the machine has none. `tools/actionlint/go.mod` pins the same version. */
export const ACTIONLINT_VERSION = '1.7.12';

/** What to say wherever a version is refused. */
export const ACTIONLINT_RANGE = '1.7.12 or newer, below 2';

/** Reads the version from what `actionlint -version` prints; undefined when something else answered. */
export function parseActionlintVersion(output: string): string | undefined {
  return /^v?(\d+\.\d+\.\d+)\ninstalled by /.exec(output)?.[1];
}

/** Whether it knows the actions of our workflows: older ones call their versions too old, or their inputs unknown. */
export function isSupportedActionlint(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return major === 1 && (minor > 7 || (minor === 7 && patch >= 12));
}

/** Runs `FILE -version` and says whether that file is an actionlint this suite can use, or why it is not. */
export function probeActionlint(file: string, env: NodeJS.ProcessEnv): Promise<Probe> {
  return probeVersion(file, env, {
    name: 'actionlint',
    args: ['-version'],
    parse: parseActionlintVersion,
    isSupported: isSupportedActionlint,
    range: ACTIONLINT_RANGE,
  });
}
