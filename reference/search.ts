import { randomUUID } from 'node:crypto';
import type { Fiml, Worker } from './fiml';
import type { Source } from './prices';

export const DEPTHS = ['quick', 'standard', 'deep'] as const;
const TASK_TTL_S = 300;
const NARRATIVE_TTL_S = { equity: 300, coin: 180 } as const;
/** Calls to the LLM for a narrative, one after the other. */
const LLM_CALLS = { equity: { standard: 5, deep: 6 }, coin: { standard: 6, deep: 7 } } as const;
/** What the embedded stub LLM takes for each, ms. */
const LLM_CALL_MS = 20;
/** Task ids end in as many digits of a counter: a random number for each would cost more than the rest of the id. */
const ID_DIGITS = 8;
let nextId = Number.parseInt(randomUUID().slice(0, ID_DIGITS), 16);

export interface Search {
  readonly kind: 'equity' | 'coin';
  readonly symbol: string;
  readonly depth: (typeof DEPTHS)[number];
  readonly place: string;
  readonly exchange: string;
  readonly language: string;
  readonly sessionId: string | null;
}

/** Looks a symbol up, registers its task, which nothing will ever complete, and answers with the whole envelope. */
export async function runSearch(fiml: Fiml, worker: Worker, search: Search, serviceMs: number): Promise<string> {
  await fiml.reachCache()?.catch(() => undefined);
  const { kind, symbol, depth, place, exchange, language } = search;
  const source = await readPrice(fiml, worker, kind, symbol, place, serviceMs);
  const narrative =
    depth === 'quick' || !fiml.llm ? null : await narrativeDepth(fiml, { kind, symbol, depth, language });
  const atMs = fiml.clock.now();
  const id = await registerTask(fiml, kind, symbol, atMs);
  const template = fiml.template({ kind, symbol, depth, place, exchange, language, source, narrative });
  return template.fill(id, atMs, search.sessionId);
}

export function readPrice(
  fiml: Fiml,
  worker: Worker,
  kind: 'equity' | 'coin',
  symbol: string,
  pair: string,
  serviceMs: number,
): Promise<Source> {
  const key = kind === 'coin' ? `price:${symbol}/${pair}:any` : `price:${symbol}:any`;
  return fiml.prices.read(key, kind, serviceMs, worker.metrics);
}

export async function registerTask(fiml: Fiml, kind: 'equity' | 'coin', symbol: string, atMs: number): Promise<string> {
  nextId = (nextId + 1) >>> 0;
  const prefix = kind === 'equity' ? 'analysis' : 'crypto';
  const suffix = nextId.toString(16).padStart(ID_DIGITS, '0');
  // The id goes unescaped into JSON within JSON: odd symbols leave what needs no escaping.
  const id = `${prefix}-${symbol.toLowerCase().replace(/["\\]|[^ -~]/g, '_')}-${suffix}`;
  const type = kind === 'equity' ? 'equity_analysis' : 'crypto_analysis';
  try {
    await fiml.store.set(
      `fiml:task:${id}`,
      `{"id":"${id}","type":"${type}","status":"pending","at":${atMs}}`,
      TASK_TTL_S,
    );
  } catch {
    // A task that could not be registered is one that is not found later; the search has succeeded.
  }
  return id;
}

async function narrativeDepth(
  fiml: Fiml,
  { kind, symbol, depth, language }: Pick<Search, 'kind' | 'symbol' | 'language'> & { depth: 'standard' | 'deep' },
): Promise<'standard' | 'deep'> {
  const key = `narrative:${symbol}:${language}:intermediate`;
  const known = await attempt(() => fiml.store.get(key));
  if (known === 'standard' || known === 'deep') return known;
  await fiml.clock.sleep(LLM_CALLS[kind][depth] * LLM_CALL_MS);
  await attempt(() => fiml.store.set(key, depth, NARRATIVE_TTL_S[kind]));
  return depth;
}

async function attempt<T>(action: () => T | Promise<T>): Promise<T | null> {
  try {
    return await action();
  } catch {
    // A narrative that cannot be kept is written anew.
    return null;
  }
}
