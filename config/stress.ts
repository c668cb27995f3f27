/** Names that only a local resolver knows: a service's in a cluster or a compose file, or one that is not of the internet. */
const LOCAL_NAME = /^[^.:]+$|\.(localhost|local|internal|svc|lan|home\.arpa|test)$/i;
/** Loopback, private and link-local addresses: RFC 1122, 1918, 3927, and 4193 and 4291 for IPv6. */
const PRIVATE_ADDRESS =
  /^(127|10)\.\d+\.\d+\.\d+$|^192\.168\.\d+\.\d+$|^172\.(1[6-9]|2\d|3[01])\.\d+\.\d+$|^169\.254\.\d+\.\d+$|^\[(::1|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*)\]$/i;

/** The host of an address, with the brackets of an IPv6 one. k6 has no URL class. */
export const hostOf = (url: string): string =>
  /^https?:\/\/(?:[^/@]*@)?(\[[^\]]+\]|[^/:]+)/i.exec(url)?.[1]?.toLowerCase() ?? '';

/** Whether a host is of this machine or of a private network, as far as its name tells. */
export const isPrivateHost = (host: string): boolean => LOCAL_NAME.test(host) || PRIVATE_ADDRESS.test(host);

/**
 * Why a stress test or a fault must not be run against a target: others may be behind it.
 *
 * @param allowed what `PERF_ALLOW_STRESS` says.
 * @returns null when it may.
 */
export function stressRefusal(target: string, allowed: string | null): string | null {
  const host = hostOf(target);
  if (isPrivateHost(host) || allowed === host) return null;
  const given = allowed === null ? '' : `, which is not ${JSON.stringify(allowed)}`;
  return `${host} is neither this machine nor in a private network${given}: to put it under stress all the same, set PERF_ALLOW_STRESS=${host}`;
}
