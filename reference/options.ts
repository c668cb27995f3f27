import { FaultError, type Faults, parseFaults } from './faults';
import type { ReferenceOptions } from './index';
import type { LlmEndpoint } from './llm';

/** The words of the command line, not yet understood. */
export interface RawOptions {
  readonly port: string;
  readonly host: string;
  readonly controlPort?: string;
  readonly seed: string;
  readonly sigma: string;
  readonly serviceTime: boolean;
  readonly llm: boolean;
  readonly spacedJson?: boolean;
  readonly workers: string;
  readonly retryScale: string;
  readonly latencyAddMs: readonly string[];
  readonly latencyFactor: readonly string[];
  readonly errorRate: readonly string[];
  readonly freeze?: boolean;
  readonly providerDown?: boolean;
  readonly cacheDown?: boolean;
  readonly leakBytes?: string;
  readonly capacity?: string;
}

/** Names every option that is not right, one a line. */
export class OptionsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

const FLAGS: Readonly<Record<string, string>> = {
  latencyAddMs: '--latency-add-ms',
  latencyFactor: '--latency-factor',
  errorRate: '--error-rate',
  leakBytes: '--leak-bytes',
  capacity: '--capacity',
};
const LAYERS = new Set(['transport', 'http', 'envelope', 'inner', 'data']);
const MAX_PORT = 65_535;
const MAX_WORKERS = 64;
const MAX_SIGMA = 3;
const MIN_RETRY_SCALE = 0.001;
const MAX_RETRY_SCALE = 10;

/** @throws OptionsError naming all that is wrong. */
export function readOptions(raw: RawOptions, env: NodeJS.ProcessEnv): Partial<ReferenceOptions> {
  const problems: string[] = [];
  const number = (flag: string, value: string, min: number, max: number, whole = true): number => {
    const read = value.trim() === '' ? Number.NaN : Number(value);
    if (read >= min && read <= max && (!whole || Number.isInteger(read))) return read;
    problems.push(`${flag}: ${JSON.stringify(value)} is not ${whole ? 'a whole' : 'a'} number from ${min} to ${max}`);
    return min;
  };
  const address = (name: string, protocols: readonly string[]): string | null => {
    const value = env[name];
    if (value === undefined || value === '') return null;
    const protocol = URL.canParse(value) ? new URL(value).protocol : '';
    if (!protocols.includes(protocol)) problems.push(`${name}: not an address that begins with ${protocols[0]}//`);
    return value;
  };
  const options = {
    port: number('--port', raw.port, 0, MAX_PORT),
    host: raw.host,
    controlPort: raw.controlPort === undefined ? null : number('--control-port', raw.controlPort, 0, MAX_PORT),
    seed: number('--seed', raw.seed, 0, 2 ** 32 - 1),
    sigma: number('--sigma', raw.sigma, 0, MAX_SIGMA, false),
    serviceTime: raw.serviceTime,
    llm: raw.llm,
    spacedJson: raw.spacedJson ?? false,
    workers: number('--workers', raw.workers, 1, MAX_WORKERS),
    redisUrl: address('REDIS_URL', ['redis:', 'rediss:']),
    databaseUrl: address('DATABASE_URL', ['postgres:', 'postgresql:']),
    llmEndpoint: llmEndpoint(env, address('AZURE_OPENAI_ENDPOINT', ['http:', 'https:']), problems),
    retryScale: number('--retry-scale', raw.retryScale, MIN_RETRY_SCALE, MAX_RETRY_SCALE, false),
    faults: readFaults(raw, problems),
  };
  if (problems.length > 0) throw new OptionsError(problems);
  return options;
}

function llmEndpoint(env: NodeJS.ProcessEnv, url: string | null, problems: string[]): LlmEndpoint | null {
  if (url === null) return null;
  const required = (name: string): string => {
    const value = env[name] ?? '';
    if (value === '') problems.push(`${name}: not set, and AZURE_OPENAI_ENDPOINT is no use without it`);
    return value;
  };
  return {
    url,
    apiKey: required('AZURE_OPENAI_API_KEY'),
    deployment: required('AZURE_OPENAI_DEPLOYMENT_NAME'),
  };
}

function readFaults(raw: RawOptions, problems: string[]): Partial<Faults> {
  const faults = {
    latencyAddMs: pairs('--latency-add-ms', raw.latencyAddMs, problems),
    latencyFactor: pairs('--latency-factor', raw.latencyFactor, problems),
    errorRate: pairs('--error-rate', raw.errorRate, problems, layerKey),
    freeze: raw.freeze ?? false,
    providerDown: raw.providerDown ?? false,
    cacheDown: raw.cacheDown ?? false,
    ...(raw.leakBytes === undefined ? {} : { leakBytes: numberOrText(raw.leakBytes) }),
    ...(raw.capacity === undefined ? {} : { capacity: numberOrText(raw.capacity) }),
  };
  try {
    return parseFaults(faults);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    problems.push(...error.problems.map((problem) => problem.replace(/^\w+/, (name) => FLAGS[name] ?? name)));
    return {};
  }
}

/** A layer may be left out before an operation or altogether: it is http then. */
function layerKey(key: string | null): string {
  if (key === null) return 'http';
  return LAYERS.has(key.split(':')[0] ?? '') ? key : `http:${key}`;
}

function pairs(
  flag: string,
  values: readonly string[],
  problems: string[],
  keyOf: (key: string | null) => string = (key) => key ?? 'all',
): Record<string, number> {
  const found: Record<string, number> = {};
  for (const value of values) {
    const equals = value.lastIndexOf('=');
    const read = numberOrText(value.slice(equals + 1));
    if (typeof read === 'string') problems.push(`${flag}: ${JSON.stringify(value)} does not end in a number`);
    else found[keyOf(equals < 0 ? null : value.slice(0, equals))] = read;
  }
  return found;
}

const numberOrText = (value: string): number | string =>
  value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
