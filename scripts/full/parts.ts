import { nearest, type OverrideName } from '../../config';
import { UserError } from '../errors';

/** A run of the full suite. */
export interface Part {
  /** What `--only` and the part's folder call it. */
  readonly name: string;
  readonly scenario: string;
  /** On top of the caller's. `PERF_TIME_SCALE` is multiplied by the caller's. */
  readonly overrides: Partial<Record<OverrideName, string>>;
}

/**
 * A fifth of a fault scenario's length. Twelve seconds of fault need more than five probes a second: /health takes 59 to
 * be judged.
 */
const fault = (scenario: string, name: string): Pick<Part, 'scenario' | 'overrides'> => ({
  scenario,
  overrides: {
    PERF_PROFILE: 'smoke',
    PERF_FAULT: name,
    PERF_TIME_SCALE: '0.2',
    PERF_SPAWN_RATE: '50',
    PERF_PROBE_RATE: '8',
  },
});

/**
 * All that there is but the breakpoint, in about 15 minutes: a normal day, then more load, then what breaks behind the server.
 * Where a load breaks something cannot be found in a minute, and on one machine server and generator break each other.
 *
 * Another part is another record; a test holds their sum to the time that is promised.
 */
export const PARTS: readonly Part[] = [
  // First: a server that has opened all of its connections already, as under much load, is not turned away.
  { name: 'redis-connections-maxclients', ...fault('redis-connections', 'maxclients') },
  { name: 'smoke', scenario: 'load', overrides: { PERF_PROFILE: 'smoke', PERF_TIME_SCALE: '0.6' } },
  {
    name: 'components',
    scenario: 'components',
    overrides: {
      PERF_PROFILE: 'smoke',
      // Not narratives: one in 2 s, so that they alone would take more than 2 minutes. The load's answers carry some.
      // Nor shorter: a provider is asked twice a second at most, and 59 times to be judged.
      PERF_ONLY: 'component-l1,component-provider,component-dsl-sync,component-dsl-task',
    },
  },
  { name: 'targets', scenario: 'targets', overrides: { PERF_PROFILE: 'smoke', PERF_TIME_SCALE: '0.5' } },
  {
    name: 'endurance',
    scenario: 'load',
    overrides: {
      PERF_PROFILE: 'endurance',
      PERF_TIME_SCALE: '0.0125',
      // Not memory: for minutes after its start a server's grows by itself.
      PERF_ONLY: 'endurance-p50,endurance-p95,endurance-error-rate',
    },
  },
  { name: 'peak', scenario: 'load', overrides: { PERF_PROFILE: 'peak', PERF_TIME_SCALE: '0.1' } },
  { name: 'spike', scenario: 'load', overrides: { PERF_PROFILE: 'spike', PERF_TIME_SCALE: '0.3' } },
  { name: 'provider-failure', ...fault('provider-failure', 'provider-down') },
  { name: 'redis-slow', ...fault('redis-slow', 'redis-slow') },
  { name: 'redis-connections-pool', ...fault('redis-connections', 'pool') },
  {
    name: 'redis-down',
    scenario: 'redis-down',
    // It takes 14 searches to be judged, one in 7 s: the fault lasts 96 s, what is before and after it 9 s and 18 s.
    overrides: { PERF_PROFILE: 'smoke', PERF_TIME_SCALE: '0.3', PERF_DURATION: '320s' },
  },
  { name: 'database-down', ...fault('database-down', 'database-down') },
  { name: 'database-pool-slow', ...fault('database-pool', 'pool') },
  { name: 'database-pool-foreign', ...fault('database-pool', 'foreign-connections') },
  { name: 'network-latency', ...fault('network', 'latency') },
  { name: 'network-reset', ...fault('network', 'reset') },
  {
    name: 'network-half-open',
    scenario: 'network',
    overrides: {
      ...fault('network', 'half-open').overrides,
      // Nothing ends a request but its timeout: at 30 s every user would be waiting, and long after the fault.
      PERF_TIMEOUT: '1500ms',
      // Longer before: those whose answers the fault cuts off must be few of all.
      PERF_TIME_SCALE: '0.35',
    },
  },
  {
    name: 'memory-leak',
    scenario: 'memory-leak',
    // Last: by then the server has found its size. Rounds of 1.5 s, 24 of them, after 9 s.
    overrides: { PERF_PROFILE: 'smoke', PERF_TIME_SCALE: '0.015', PERF_DURATION: '40m' },
  },
];

/**
 * The parts that `--only` names, in their own order: by name, or all of a scenario.
 *
 * @param only names separated by commas; undefined for all.
 * @throws UserError for a name that there is not, with the nearest.
 */
export function partsNamed(only: string | undefined): readonly Part[] {
  if (only === undefined) return PARTS;
  const wanted = only
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const chosen = PARTS.filter(({ name, scenario }) => wanted.includes(name) || wanted.includes(scenario));
  const known = [...new Set(PARTS.flatMap(({ name, scenario }) => [name, scenario]))];
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0 || chosen.length === 0) {
    const near = unknown.map((name) => nearest(name, known)).find((name) => name !== null) ?? null;
    throw new UserError(
      `--only: ${unknown.length === 0 ? 'it names no part' : `there is no part ${unknown.join(', ')}`}` +
        `${near === null ? '.' : `; did you mean ${near}?`} Known are ${PARTS.map(({ name }) => name).join(', ')}, and each scenario for all of its parts`,
    );
  }
  return chosen;
}
