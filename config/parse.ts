import { parseDurationMs } from './duration';
import { nearest } from './nearest';
import { OVERRIDES, type Override, type OverrideName } from './overrides';

type ByName<N extends OverrideName> = Extract<(typeof OVERRIDES)[number], { name: N }>;
type Parsed<T> = T extends 'integer' | 'number' | 'share' | 'duration'
  ? number
  : T extends 'flag'
    ? boolean
    : T extends 'json'
      ? Readonly<Record<string, string>>
      : T extends readonly (infer Word)[]
        ? Word
        : string;
type ValueOf<N extends OverrideName> =
  ByName<N> extends { fallback: string } ? Parsed<ByName<N>['type']> : Parsed<ByName<N>['type']> | null;

/** Effective values, durations in ms; null where nothing was said and no default exists. */
export type Config = { readonly [N in OverrideName]: ValueOf<N> };

/** What is wrong with the given overrides: all of it, a sentence each. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
  }
}

/**
 * Reads and checks every `PERF_*` of an environment.
 *
 * @param env process.env in Node, `__ENV` in k6; names that do not start with `PERF_` are none of ours. An empty value
 *   counts as not given, as make passes `PERF_TARGET=` on.
 * @throws ConfigError with every problem: unknown names (with the nearest known one), values of the wrong type or
 *   range, and settings that exclude each other.
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems = unknownNames(env);
  const config: Record<string, unknown> = {};
  for (const override of OVERRIDES as readonly Override[]) {
    const text = env[override.name] || override.fallback;
    if (text === undefined) {
      config[override.name] = null;
      continue;
    }
    const parsed = parseValue(override, text);
    if ('problem' in parsed) {
      // A secret's value may be half right: it is not repeated in the message.
      const given = override.secret ? '' : `, not ${JSON.stringify(showable(override, text))}`;
      problems.push(`${override.name} must be ${parsed.problem}${given}`);
    } else {
      config[override.name] = parsed.value;
    }
  }
  const checked = config as Config;
  if (problems.length === 0) problems.push(...contradictions(checked));
  if (problems.length > 0) throw new ConfigError(problems);
  return checked;
}

function unknownNames(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = OVERRIDES.map((override) => override.name);
  return Object.keys(env)
    .filter((name) => name.startsWith('PERF_') && !(known as string[]).includes(name))
    .sort()
    .map((name) => {
      const near = nearest(name, known);
      return `${name} is not an override of fiml-perf${near === null ? '' : `; did you mean ${near}?`}`;
    });
}

function contradictions(config: Config): string[] {
  const problems: string[] = [];
  if (config.PERF_MODEL === 'closed' && config.PERF_RATE !== null) {
    problems.push(
      'PERF_RATE is an arrival rate and means nothing in the closed model: set PERF_USERS, or PERF_MODEL=open',
    );
  }
  if (config.PERF_MODEL === 'open' && config.PERF_RATE !== null && config.PERF_USERS !== null) {
    problems.push('PERF_RATE and PERF_USERS both say how much load: set one of them');
  }
  if ((config.PERF_TLS_CERT === null) !== (config.PERF_TLS_KEY === null)) {
    problems.push('PERF_TLS_CERT and PERF_TLS_KEY belong together: set both or neither');
  }
  if ((config.PERF_FAULT_ON === null) !== (config.PERF_FAULT_OFF === null)) {
    problems.push('PERF_FAULT_ON and PERF_FAULT_OFF belong together: a fault that cannot be undone is not made');
  }
  const headerNames = Object.keys(config.PERF_HEADERS ?? {}).map((name) => name.toLowerCase());
  if (config.PERF_AUTHORIZATION !== null && headerNames.includes('authorization')) {
    problems.push('PERF_AUTHORIZATION and PERF_HEADERS both set the Authorization header: use one of them');
  }
  return problems;
}

function parseValue(override: Override, text: string): { value: unknown } | { problem: string } {
  const { type } = override;
  if (typeof type !== 'string') {
    return type.includes(text) ? { value: text } : { problem: `one of ${type.join(', ')}` };
  }
  switch (type) {
    case 'string':
    case 'path':
      return { value: text };
    case 'url':
      // k6's runtime has no URL class; what the server is sent is this text plus a path. With a second @ nobody could say
      // for sure where a password ends: there it is written %40.
      return /^https?:\/\/([^\s/?#@]*@)?[^\s/?#@]+(\/[^\s?#]*)?$/.test(text)
        ? { value: text.replace(/\/+$/, '') }
        : { problem: 'an http:// or https:// address without query' };
    case 'integer':
      return number(override, text, /^\d{1,9}$/, 'a whole number');
    case 'number':
      return number(override, text, /^\d{1,9}(\.\d+)?$/, 'a number');
    case 'share':
      return /^(0(\.\d+)?|1(\.0+)?)$/.test(text) ? { value: Number(text) } : { problem: 'a share from 0 to 1' };
    case 'duration': {
      const durationMs = parseDurationMs(text);
      const minimumMs = override.minimum ?? 0;
      return durationMs !== null && durationMs >= minimumMs
        ? { value: durationMs }
        : { problem: `a duration such as 1m30s, at least ${minimumMs} ms` };
    }
    case 'flag':
      return text === 'true' || text === 'false' ? { value: text === 'true' } : { problem: 'true or false' };
    case 'json':
      return headers(text);
  }
}

/** Of an address that has a password or a query, only the scheme: where they begin is not sure in one that is wrong. */
const showable = ({ type }: Override, text: string): string =>
  type === 'url' ? text.replace(/^([a-z]+:\/\/)?.*[@?].*$/is, '$1…') : text;

function number(override: Override, text: string, form: RegExp, noun: string): { value: number } | { problem: string } {
  const minimum = override.minimum ?? 0;
  return form.test(text) && Number(text) >= minimum
    ? { value: Number(text) }
    : { problem: `${noun} of at least ${minimum}${override.unit === undefined ? '' : ` ${override.unit}`}` };
}

function headers(text: string): { value: Record<string, string> } | { problem: string } {
  const problem = { problem: 'a JSON object whose values are strings' };
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return problem;
    return Object.values(parsed).every((value) => typeof value === 'string')
      ? { value: parsed as Record<string, string> }
      : problem;
  } catch {
    return problem;
  }
}
