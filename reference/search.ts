import { randomUUID } from 'node:crypto';
import type { Narrative } from './answer';
import type { Fiml, Worker } from './fiml';
import type { Llm } from './llm';
import type { Source } from './prices';

export const DEPTHS = ['quick', 'standard', 'deep'] as const;
const TASK_TTL_S = 300;
const NARRATIVE_TTL_S = { equity: 300, coin: 180 } as const;
/** Calls to the LLM for a narrative, one after the other. */
const LLM_CALLS = { equity: { standard: 5, deep: 6 }, coin: { standard: 6, deep: 7 } } as const;
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
  const { kind, symbol, depth, place, exchange, language } = search;
  const source = await readPrice(fiml, worker, kind, symbol, place, serviceMs);
  const narrative =
    depth === 'quick' || fiml.llm === null
      ? null
      : await narrativeOf(fiml, fiml.llm, { kind, symbol, depth, language });
  const atMs = fiml.clock.now();
  const id = await registerTask(fiml, kind, symbol, source, atMs);
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

/** The id of a search's task. One that found no cache layer has failed, and is not registered. */
export async function registerTask(
  fiml: Fiml,
  kind: 'equity' | 'coin',
  symbol: string,
  source: Source,
  atMs: number,
): Promise<string> {
  nextId = (nextId + 1) >>> 0;
  const prefix = kind === 'equity' ? 'analysis' : 'crypto';
  const suffix = nextId.toString(16).padStart(ID_DIGITS, '0');
  // The id goes unescaped into JSON within JSON: odd symbols leave what needs no escaping.
  const id = `${prefix}-${symbol.toLowerCase().replace(/["\\]|[^ -~]/g, '_')}-${suffix}`;
  if (source === 'error') return id;
  const type = kind === 'equity' ? 'equity_analysis' : 'crypto_analysis';
  try {
    await fiml.redis.blocking.set(
      `fiml:task:${id}`,
      `{"id":"${id}","type":"${type}","status":"pending","at":${atMs}}`,
      TASK_TTL_S,
    );
  } catch {
    // A task that could not be registered is one that is not found later; the search has succeeded.
  }
  return id;
}

/** What was written for that symbol and language before, or is now; also that nothing could be written is kept. */
async function narrativeOf(
  fiml: Fiml,
  llm: Llm,
  { kind, symbol, depth, language }: Pick<Search, 'kind' | 'symbol' | 'language'> & { depth: 'standard' | 'deep' },
): Promise<Narrative> {
  const key = `narrative:${symbol}:${language}:intermediate`;
  const known = await attempt(() => fiml.redis.once.get(key));
  if (known === 'standard' || known === 'deep' || known === 'empty') return known;
  const prompts = Array.from({ length: LLM_CALLS[kind][depth] }, (_, part) => `Part ${part + 1} on ${symbol}`);
  const narrative = (await llm.write(prompts)) ? depth : 'empty';
  await attempt(() => fiml.redis.once.set(key, narrative, NARRATIVE_TTL_S[kind]));
  return narrative;
}

async function attempt<T>(action: () => T | Promise<T>): Promise<T | null> {
  try {
    return await action();
  } catch {
    // A narrative that cannot be kept is written anew.
    return null;
  }
}
