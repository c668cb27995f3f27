import { minimumSamples, type Selector, type Severity, type Target } from './target';
import { TARGETS } from './targets';

/** What is wrong with a limits file: all of it, a sentence each. */
export class LimitsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'LimitsError';
  }
}

const SEVERITIES: readonly string[] = ['fail', 'warn', 'info'];
const STATISTICS: readonly string[] = ['p50', 'p95', 'p99', 'mean', 'rate', 'value'];
const CHANGEABLE: readonly string[] = ['limit', 'severity'];
const ADDABLE: readonly string[] = [
  'id',
  'title',
  'metric',
  'selector',
  'statistic',
  'operator',
  'limit',
  'unit',
  'severity',
  'scenarios',
  'profiles',
];

/**
 * The targets in force for a scenario under a profile, with the fault that it makes.
 *
 * @param only ids to keep; null keeps all but those on request.
 * @param limits content of the user's `PERF_THRESHOLDS` file, or null. Its form:
 *   `{"version": 1, "targets": {"p95-cached": {"limit": 300}, "uptime": {"severity": "warn"}}, "add": [{…}]}`.
 *   Limits are in the target's own unit (ms, or a share from 0 to 1).
 * @throws LimitsError with every problem of the file and every unknown id.
 */
export function targetsFor(
  scenario: string,
  { profile, fault }: { readonly profile: string; readonly fault: string | null },
  only: readonly string[] | null,
  limits: string | null,
): Target[] {
  const problems: string[] = [];
  const all = limits === null ? TARGETS : applyLimits(limits, problems);
  const here = all.filter(
    ({ scenarios, profiles, faults }) =>
      scenarios.includes(scenario) && (profiles?.includes(profile) ?? true) && (faults?.includes(fault ?? '') ?? true),
  );
  for (const id of only ?? []) {
    if (!here.some((target) => target.id === id)) {
      problems.push(
        `${JSON.stringify(id)} is not a target of the scenario ${scenario} under the profile ${profile}; it has ${here.map((target) => target.id).join(', ')}`,
      );
    }
  }
  if (problems.length > 0) throw new LimitsError(problems);
  return here.filter(({ id, isOnRequest = false }) => (only === null ? !isOnRequest : only.includes(id)));
}

function applyLimits(text: string, problems: string[]): readonly Target[] {
  const file = parse(text, problems);
  if (file === null) return TARGETS;
  for (const key of Object.keys(file)) {
    if (!['version', 'targets', 'add'].includes(key))
      problems.push(`"${key}" is not known at the top; use version, targets, add`);
  }
  if (file.version !== 1) problems.push('"version" must be 1');
  const changes = isRecord(file.targets) ? file.targets : {};
  if (file.targets !== undefined && !isRecord(file.targets)) problems.push('"targets" must be an object by target id');
  for (const id of Object.keys(changes)) {
    if (!TARGETS.some((target) => target.id === id)) {
      problems.push(`targets.${id}: no such target; known are ${TARGETS.map((target) => target.id).join(', ')}`);
    }
  }
  const changed = TARGETS.map((target) => change(target, changes[target.id], problems));
  if (file.add !== undefined && !Array.isArray(file.add)) problems.push('"add" must be a list of targets');
  const added = (Array.isArray(file.add) ? file.add : []).map((record, index) =>
    add(record, `add[${index}]`, problems),
  );
  const result = [...changed, ...added.filter((target) => target !== null)];
  for (const id of new Set(result.map((target) => target.id))) {
    if (result.filter((target) => target.id === id).length > 1) problems.push(`the id ${id} is there twice`);
  }
  return result;
}

function parse(text: string, problems: string[]): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (isRecord(parsed)) return parsed;
    problems.push('the file must be a JSON object');
  } catch (error) {
    problems.push(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return null;
}

function change(target: Target, record: unknown, problems: string[]): Target {
  if (record === undefined) return target;
  const where = `targets.${target.id}`;
  if (!isRecord(record)) {
    problems.push(`${where} must be an object`);
    return target;
  }
  for (const key of Object.keys(record)) {
    if (!CHANGEABLE.includes(key))
      problems.push(`${where}.${key} cannot be changed; only ${CHANGEABLE.join(' and ')} can`);
  }
  const { limit = target.limit, severity = target.severity } = record;
  checkLimit(limit, target.unit, where, problems);
  checkWord(severity, SEVERITIES, `${where}.severity`, problems);
  return { ...target, limit: limit as number, severity: severity as Severity };
}

function add(record: unknown, where: string, problems: string[]): Target | null {
  if (!isRecord(record)) {
    problems.push(`${where} must be an object`);
    return null;
  }
  const before = problems.length;
  for (const key of Object.keys(record)) {
    if (!ADDABLE.includes(key)) problems.push(`${where}.${key} is not known; a target has ${ADDABLE.join(', ')}`);
  }
  for (const key of ['id', 'title', 'metric'] as const) {
    if (!isText(record[key])) problems.push(`${where}.${key} must be a text without control characters`);
  }
  if (typeof record.id === 'string' && !/^[a-z0-9-]+$/.test(record.id)) {
    problems.push(`${where}.id must consist of a-z, 0-9 and -`);
  }
  if (typeof record.metric === 'string' && !/^[a-zA-Z_][a-zA-Z0-9_]{1,128}$/.test(record.metric)) {
    problems.push(`${where}.metric is not a name that k6 allows`);
  }
  checkWord(record.statistic, STATISTICS, `${where}.statistic`, problems);
  checkWord(record.operator, ['<', '>'], `${where}.operator`, problems);
  checkWord(record.unit, ['ms', 'share'], `${where}.unit`, problems);
  checkWord(record.severity ?? 'fail', SEVERITIES, `${where}.severity`, problems);
  checkLimit(record.limit, record.unit, where, problems);
  if (record.statistic === 'rate' && record.unit === 'ms') {
    problems.push(`${where}.unit must be share, since a rate is one`);
  }
  const selector = record.selector ?? {};
  if (
    !isRecord(selector) ||
    !Object.entries(selector).every(
      ([tag, value]) => isText(value) && isText(tag) && !/[,{}:]/.test(tag) && !/[,{}]/.test(value),
    )
  ) {
    problems.push(`${where}.selector must be an object of texts without commas, braces and control characters`);
  } else if (
    typeof record.metric === 'string' &&
    record.metric.startsWith('http_') &&
    Object.keys(selector).length === 0
  ) {
    problems.push(`${where}.selector must name a tag: without one it would judge warm-up and probes as well`);
  }
  const scenarios = record.scenarios ?? ['load'];
  if (!Array.isArray(scenarios) || scenarios.length === 0 || !scenarios.every((name) => typeof name === 'string')) {
    problems.push(`${where}.scenarios must be a list of scenario names`);
  }
  const { profiles } = record;
  if (profiles !== undefined && !(Array.isArray(profiles) && profiles.every((name) => typeof name === 'string'))) {
    problems.push(`${where}.profiles must be a list of profile names; left out, it is in force under each`);
  }
  if (problems.length > before) return null;
  const target = { ...record, selector, scenarios, severity: record.severity ?? 'fail' } as unknown as Target;
  return {
    ...target,
    source: 'PERF_THRESHOLDS',
    why: 'Added by the user.',
    guard: guardOf(target.metric, target.selector),
    unmeasurable: null,
  };
}

/** What counts a metric's samples: the counter that the suite's own targets on it use, of requests for all others. */
function guardOf(metric: string, selector: Selector): Target['guard'] {
  const known = TARGETS.find((target) => target.metric === metric)?.guard;
  const series = known?.selector.series;
  return { metric: known?.metric ?? 'http_reqs', selector: series === undefined ? selector : { series, ...selector } };
}

function checkLimit(limit: unknown, unit: unknown, where: string, problems: string[]): void {
  if (typeof limit !== 'number' || !Number.isFinite(limit) || limit < 0) {
    problems.push(`${where}.limit must be a number of at least 0`);
  } else if (unit === 'share' && limit > 1) {
    problems.push(`${where}.limit is a share from 0 to 1, not per cent: ${limit / 100} instead of ${limit}?`);
  }
}

function checkWord(value: unknown, words: readonly string[], where: string, problems: string[]): void {
  if (typeof value !== 'string' || !words.includes(value)) problems.push(`${where} must be one of ${words.join(', ')}`);
}

/** Not empty, and nothing in it that a terminal would obey. */
const isText = (value: unknown): value is string =>
  typeof value === 'string' &&
  value !== '' &&
  !Array.from(value).some((character) => character < ' ' || (character >= '\u007f' && character < '\u00a0'));

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Samples that the uptime target needs, which the availability probes are planned for. */
export function uptimeSamples(targets: readonly Target[]): number {
  const uptime = targets.find((target) => target.id === 'uptime') ?? TARGETS.find((target) => target.id === 'uptime');
  return uptime === undefined ? 1 : minimumSamples(uptime);
}

/** What the targets in force claim of the cache, which a plan must be able to give. */
export interface CacheClaims {
  /** Of the hit rate, when it gates. */
  readonly hitRateLimit: number | null;
  /** Whether some target takes cold queries for cold. */
  readonly needsCold: boolean;
}

export function cacheClaims(targets: readonly Target[]): CacheClaims {
  const hitRate = targets.find(({ id, severity }) => id === 'cache-hit-rate' && severity === 'fail');
  return {
    hitRateLimit: hitRate?.limit ?? null,
    needsCold: targets.some(
      ({ selector, metric }) =>
        selector.cache === 'cold' || metric === 'fiml_cache_hit_rate' || metric === 'fiml_provider_ok',
    ),
  };
}
