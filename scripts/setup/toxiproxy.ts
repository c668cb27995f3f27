import { type Probe, probeVersion } from './probe';

/** The Toxiproxy that set-up builds when the machine has none. `tools/toxiproxy/go.mod` pins the same version. */
export const TOXIPROXY_VERSION = '2.12.0';

/** What to say wherever a version is refused. */
export const TOXIPROXY_RANGE = '2.5 or newer, below 3';

/** Reads the version from what `toxiproxy-server -version` prints; undefined when something else answered. */
export function parseToxiproxyVersion(output: string): string | undefined {
  return /^toxiproxy-server version v?(\d+\.\d+\.\d+)/.exec(output)?.[1];
}

/** Whether the suite works with this Toxiproxy: its HTTP API has been the same for that long. */
export function isSupportedToxiproxy(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 2 && minor >= 5;
}

/** Runs `FILE -version` and says whether that file is a Toxiproxy this suite can use, or why it is not. */
export function probeToxiproxy(file: string, env: NodeJS.ProcessEnv): Promise<Probe> {
  return probeVersion(file, env, {
    name: 'toxiproxy-server',
    args: ['-version'],
    parse: parseToxiproxyVersion,
    isSupported: isSupportedToxiproxy,
    range: TOXIPROXY_RANGE,
  });
}
