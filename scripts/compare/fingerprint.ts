import { UserError } from '../errors';
import type { Observation } from '../result/observation';

export interface Difference {
  readonly name: string;
  readonly baseline: string;
  readonly candidate: string;
}

const ABSENT = 'none';

/** What differs between the conditions of two sides: every value of either that the other's runs do not all have. */
export function differences(baseline: readonly Observation[], candidate: readonly Observation[]): Difference[] {
  const names = new Set([...baseline, ...candidate].flatMap(({ fingerprint }) => Object.keys(fingerprint)));
  const valuesOf = (runs: readonly Observation[], name: string) =>
    [...new Set(runs.map(({ fingerprint }) => fingerprint[name] ?? ABSENT))].sort().join(' and ');
  return [...names].sort().flatMap((name) => {
    const [before, after] = [valuesOf(baseline, name), valuesOf(candidate, name)];
    const mixed = new Set([...baseline, ...candidate].map(({ fingerprint }) => fingerprint[name] ?? ABSENT)).size > 1;
    return mixed ? [{ name, baseline: before, candidate: after }] : [];
  });
}

/**
 * Refuses what cannot be compared.
 *
 * @param allow names of differences that the user accepts.
 * @returns the accepted ones, to be printed with the verdict.
 * @throws UserError with every difference that is not accepted, and with names in `allow` that nothing is called.
 */
export function acceptedDifferences(
  baseline: readonly Observation[],
  candidate: readonly Observation[],
  allow: readonly string[],
): Difference[] {
  const known = new Set([...baseline, ...candidate].flatMap(({ fingerprint }) => Object.keys(fingerprint)));
  const unknown = allow.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new UserError(
      `--allow: nothing is called ${unknown.join(', ')} here; there are ${[...known].sort().join(', ')}`,
    );
  }
  const found = differences(baseline, candidate);
  const refused = found.filter(({ name }) => !allow.includes(name));
  if (refused.length > 0) {
    throw new UserError(
      [
        'these runs cannot be compared: what they measured differs in more than the server',
        ...refused.map((one) => `  ${one.name}: ${one.baseline} in the baseline, ${one.candidate} in the candidate`),
        `run the baseline anew under the same conditions, or accept them with --allow ${refused.map(({ name }) => name).join(',')}`,
      ].join('\n'),
    );
  }
  return found;
}
