import { z } from 'zod';
import type { Layer, OperationName } from '../contract';
import { GROUPS, LAYERS_OF, OPERATIONS, SCOPES } from './operation';

const LAYERS: readonly Layer[] = ['transport', 'http', 'envelope', 'inner', 'data'];
/** The key that stands for every operation. */
export const EVERY = 'all';

const scopeKey = z.enum([EVERY, ...SCOPES]);
const rateKeys = LAYERS.flatMap((layer) => [
  layer as string,
  ...SCOPES.filter((scope) => operationsOf(scope).some((name) => LAYERS_OF[name].includes(layer))).map(
    (scope) => `${layer}:${scope}`,
  ),
]);
const share = z.number().min(0).max(1);

/** The faults that can be asked for; an absent one is off. */
const schema = z.strictObject({
  /** Added to each answer, ms, by operation, group or `all`; the narrowest applies. */
  latencyAddMs: z.partialRecord(scopeKey, z.number().min(0).max(600_000)).default({}),
  /** Multiplies the service time, as above. */
  latencyFactor: z.partialRecord(scopeKey, z.number().min(0).max(100_000)).default({}),
  /** Added to each answer about a symbol, ms, by symbol. */
  symbolAddMs: z.record(z.string(), z.number().min(0).max(600_000)).default({}),
  /** Share of answers that fail, by `layer` or `layer:operation`. */
  errorRate: z.partialRecord(z.enum(rateKeys), share).default({}),
  /** Connections are accepted and requests never answered. */
  freeze: z.boolean().default(false),
  /** Every provider fails: what is not cached has no data. */
  providerDown: z.boolean().default(false),
  /** As if Redis had stopped: searches take 10 to 13 s and hold up everything else for 4 s of it. */
  cacheDown: z.boolean().default(false),
  /** Kept for ever, per request. */
  leakBytes: z.number().int().min(0).max(100_000_000).default(0),
  /** Requests served at once, the rest wait; null: no limit. */
  capacity: z.number().int().min(1).nullable().default(null),
});

export type Faults = z.infer<typeof schema>;
export const NO_FAULTS: Faults = schema.parse({});

/** Names every fault that is not right, one a line. */
export class FaultError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** @throws FaultError naming all that is wrong. */
export function parseFaults(input: unknown): Faults {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new FaultError(parsed.error.issues.map(explain));
  const problems = OPERATIONS.filter((name) => totalRate(parsed.data, name) > 1 + 1e-9).map(
    (name) => `errorRate: the shares of ${name} add up to more than 1`,
  );
  if (problems.length > 0) throw new FaultError(problems);
  return parsed.data;
}

function explain(issue: z.core.$ZodIssue): string {
  const where = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return where === '' ? issue.message : `${where}: ${issue.message}`;
  const names = issue.keys.map((key) => JSON.stringify(key)).join(', ');
  if (where === '') return `unknown fault ${names}; there are ${Object.keys(schema.shape).join(', ')}`;
  const known =
    where === 'errorRate'
      ? 'a layer (transport, http, envelope, inner, data), or layer:operation where that operation can fail so'
      : scopeKey.options.join(', ');
  return `${where}: ${names} is not one of: ${known}`;
}

/** What the faults mean for one operation. */
export interface OperationFaults {
  readonly addMs: number;
  readonly factor: number;
  /** Layers with the upper end of their share of [0, 1). */
  readonly failures: readonly (readonly [Layer, number])[];
}

/** Looked up once per change instead of once per request. */
export function compileFaults(faults: Faults): Record<OperationName, OperationFaults> {
  return Object.fromEntries(
    OPERATIONS.map((name) => {
      let end = 0;
      const failures = LAYERS.flatMap((layer): [Layer, number][] => {
        const rate = rateOf(faults, layer, name);
        if (rate === 0) return [];
        end += rate;
        return [[layer, end]];
      });
      const addMs = narrowest(faults.latencyAddMs, name) ?? 0;
      return [name, { addMs, factor: narrowest(faults.latencyFactor, name) ?? 1, failures }];
    }),
  ) as unknown as Record<OperationName, OperationFaults>;
}

function operationsOf(scope: string): readonly OperationName[] {
  return GROUPS[scope] ?? [scope as OperationName];
}

function narrowest(values: Partial<Record<string, number>>, name: OperationName, prefix = '', every = EVERY) {
  const group = Object.keys(GROUPS).find((key) => operationsOf(key).includes(name));
  return values[prefix + name] ?? (group === undefined ? undefined : values[prefix + group]) ?? values[every];
}

function rateOf(faults: Faults, layer: Layer, name: OperationName): number {
  // A layer that an operation does not have cannot fail there: asked for in general, it is left out.
  if (!LAYERS_OF[name].includes(layer)) return 0;
  return narrowest(faults.errorRate, name, `${layer}:`, layer) ?? 0;
}

const totalRate = (faults: Faults, name: OperationName): number =>
  LAYERS.reduce((sum, layer) => sum + rateOf(faults, layer, name), 0);
