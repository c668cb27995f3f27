import { scenarioNames } from '../../../build/scenarios';
import { parseConfig } from '../../../config';
import {
  COMPONENTS,
  componentsPlan,
  FAULTS,
  faultOf,
  isFaultScenario,
  PROFILES,
  planFor,
  planProblems,
  type RunPlan,
} from '../../../profiles';
import { PARTS, type Part, partsNamed } from '../../../scripts/full/parts';
import { cacheClaims, minimumSamples, targetsFor, uptimeSamples } from '../../../thresholds';
import { complaintOf } from '../../support/complaint';

const configOf = ({ overrides }: Part) => parseConfig(overrides);
const targetsOf = (part: Part) => {
  const config = configOf(part);
  const only = config.PERF_ONLY?.split(',') ?? null;
  const fault = faultOf(part.scenario, config)?.name ?? null;
  return targetsFor(part.scenario, { profile: config.PERF_PROFILE, fault }, only, null);
};
const planOf = (part: Part): RunPlan => {
  const plan = planFor(part.scenario, configOf(part), uptimeSamples(targetsOf(part)));
  if (plan === null) throw new Error(`${part.name} has no plan, so that nobody knows how long it takes`);
  return plan;
};
const named = (only: string) => partsNamed(only).map(({ name }) => name);

test('each part has a name and a folder of its own', () => {
  const names = PARTS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9-]+$/);
});

test('all together take no longer than is promised, with 6 s beside each load', () => {
  const totalMs = PARTS.reduce((sum, part) => sum + planOf(part).durationMs + 6000, 8000);
  expect(totalMs).toBeLessThan(15.5 * 60_000);
  expect(totalMs).toBeGreaterThan(12 * 60_000);
});

test('everything is in it: each scenario, each profile but those of the same shape, each fault but two of the network', () => {
  const scenarios = new Set(PARTS.map(({ scenario }) => scenario));
  // Two servers are compared by a command of their own.
  expect(scenarioNames('.').filter((name) => !scenarios.has(name))).toEqual(['ab']);
  const profiles = new Set(PARTS.map(({ overrides }) => overrides.PERF_PROFILE ?? ''));
  // Of the same shape as smoke, and what takes minutes and a machine of its own.
  expect([...PROFILES.keys()].filter((name) => !profiles.has(name))).toEqual(['load', 'high', 'breakpoint']);
  const faults = Object.entries(FAULTS).flatMap(([scenario, each]) => each.map(({ name }) => `${scenario} ${name}`));
  const made = new Set(
    PARTS.filter(({ scenario }) => isFaultScenario(scenario)).map(
      (part) => `${part.scenario} ${faultOf(part.scenario, configOf(part))?.name}`,
    ),
  );
  // Slower by some, as latency is.
  expect(faults.filter((fault) => !made.has(fault))).toEqual(['network jitter', 'network bandwidth']);
});

describe.each(PARTS.map((part) => [part.name, part] as const))('%s', (_, part) => {
  test('can be judged at its length', () => {
    const targets = targetsOf(part);
    expect(planProblems(planOf(part), configOf(part), cacheClaims(targets))).toEqual([]);
    expect(targets.some(({ severity }) => severity === 'fail')).toBe(true);
  });

  test('asks for /health often enough while the fault is there', () => {
    const health = targetsOf(part).find(({ id }) => id === 'fault-health');
    if (health === undefined) return;
    const plan = planOf(part);
    const window = plan.phases.find(({ phase }) => phase === 'fault');
    const perMs = (plan.expectedIterations.probes ?? 0) / plan.durationMs;
    const probes = perMs * ((window?.endMs ?? 0) - (window?.startMs ?? 0));
    expect(probes).toBeGreaterThan(minimumSamples(health) * 1.1);
  });
});

test('each component is asked as often as it takes to judge it', () => {
  const part = partsNamed('components')[0] as Part;
  const { sections } = componentsPlan(configOf(part));
  for (const target of targetsOf(part)) {
    const name = COMPONENTS.find((component) => component.target === target.id)?.name;
    const section = sections.find((one) => one.name === name);
    const steady = section?.phases.find(({ phase }) => phase === 'steady');
    const asked = ((section?.ratePerS ?? 0) * ((steady?.endMs ?? 0) - (steady?.startMs ?? 0))) / 1000;
    expect(asked).toBeGreaterThanOrEqual(minimumSamples(target));
  }
});

test('while Redis is down there are searches enough', () => {
  const part = partsNamed('redis-down')[0] as Part;
  const target = targetsOf(part).find(({ id }) => id === 'redis-down-correct');
  expect(planOf(part).expectedIterations.searchesDuring).toBeGreaterThanOrEqual(
    target === undefined ? Number.POSITIVE_INFINITY : minimumSamples(target),
  );
});

test('--only names parts, or scenarios for all of their parts; they keep their order', () => {
  expect(partsNamed(undefined)).toBe(PARTS);
  expect(named('spike, smoke')).toEqual(['smoke', 'spike']);
  expect(named('network')).toEqual(['network-latency', 'network-reset', 'network-half-open']);
  expect(named('network-reset,spike')).toEqual(['spike', 'network-reset']);
});

test('--only refuses a name that there is not, with the nearest, and a list without any', () => {
  expect(complaintOf(() => partsNamed('spike,netwrok'))).toMatch(/no part netwrok; did you mean network\?/);
  expect(complaintOf(() => partsNamed('spike,quite-another-thing'))).toMatch(
    /no part quite-another-thing\. Known are redis-/,
  );
  expect(complaintOf(() => partsNamed(' , '))).toMatch(/it names no part/);
});
