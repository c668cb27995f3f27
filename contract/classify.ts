import type { Expectation } from './operations';
import { pricesLookHealthy } from './prices-bytes';
import { holdsNarrative, searchLooksHealthy } from './search-bytes';
import { NO_DATA_SOURCES } from './sources';
import { submittedTaskIn, taskStatusIn } from './task-bytes';

/** Where a request failed: the further down, the healthier it looks to a status check. */
export type Layer = 'transport' | 'http' | 'envelope' | 'inner' | 'data';

export interface Answer {
  /** 0 when no answer came. */
  readonly status: number;
  readonly body: string | null;
}

export type Json = { readonly [key: string]: unknown };

export type Outcome =
  /** `value` is the decoded answer; of one whose bytes alone were looked at, what they told of a task, or null. */
  | { readonly ok: true; readonly value: Json | null }
  /** `reason` is one of a few fixed phrases (a status code at most), so that it can be a tag. */
  | { readonly ok: false; readonly layer: Layer; readonly reason: string };

/** A tool's own word that it failed, at HTTP 200. */
const FAILED_STATUSES: readonly unknown[] = ['failed', 'error', 'not_found', 'cancelled'];
const TASK_STATUSES: readonly unknown[] = ['pending', 'running', 'completed'];

const failed = (layer: Layer, reason: string): Outcome => ({ ok: false, layer, reason });
const fine = (value: Json | null): Outcome => ({ ok: true, value });
/** Of nearly every answer: made once. */
const FINE = fine(null);

/**
 * Says whether an answer is what its user asked for, and if not, in which layer it failed.
 *
 * @param look `bytes` lets the answers that make up nearly all of the traffic pass on their decisive bytes, which costs a
 *   tenth of decoding them, and decodes whatever does not look exactly like a healthy answer; `full` always decodes. What
 *   `bytes` cannot see is damage outside the decisive fields of an otherwise healthy answer; that is why the client decodes
 *   a fixed share of answers whatever they look like.
 */
export function classify(answer: Answer, expect: Expectation, look: 'bytes' | 'full'): Outcome {
  // Each once: k6 looks them up by their names in Go.
  const { status } = answer;
  if (status !== 200) return status === 0 ? failed('transport', 'no answer') : failed('http', `status ${status}`);
  const body = answer.body ?? '';
  if (look === 'bytes') {
    const fineByBytes = classifyBytes(body, expect);
    if (fineByBytes !== null) return fineByBytes;
  }
  if (expect.kind === 'health') return classifyHealth(decode(body));
  if (expect.kind === 'prices') return classifyPrices(decode(body), expect.symbols);
  return classifyTool(body, expect);
}

/** Null when an answer is to be decoded. */
function classifyBytes(body: string, expect: Expectation): Outcome | null {
  switch (expect.kind) {
    case 'search':
      return searchLooksHealthy(body, expect.symbol) ? FINE : null;
    case 'prices':
      return pricesLookHealthy(body, expect.symbols) ? FINE : null;
    case 'task': {
      const status = taskStatusIn(body);
      return status === null ? null : fine({ status });
    }
    case 'dsl-submitted': {
      const taskId = submittedTaskIn(body);
      return taskId === null ? null : fine({ task_id: taskId });
    }
    default:
      return null;
  }
}

/** Whether the body of a healthy answer of a search holds a narrative. */
export function hasNarrative(body: string): boolean {
  const told = holdsNarrative(body);
  if (told !== null) return told;
  const { narrative } = decode(textIn(decode(body)) ?? '') ?? {};
  return narrative !== null && narrative !== undefined;
}

function classifyTool(body: string, expect: Expectation): Outcome {
  const envelope = decode(body);
  if (envelope === null) return failed('envelope', 'not a JSON object');
  if (envelope.isError !== false) return failed('envelope', 'tool error');
  const text = textIn(envelope);
  if (text === null) return failed('envelope', 'no text content');
  const inner = decode(text);
  if (inner === null) return failed('envelope', 'text is not a JSON object');
  switch (expect.kind) {
    case 'search':
      return classifySearch(inner, expect.symbol);
    case 'dsl-submitted':
      if (FAILED_STATUSES.includes(inner.status)) return failed('inner', `status ${String(inner.status)}`);
      return typeof inner.task_id === 'string' && inner.task_id !== '' ? fine(inner) : failed('data', 'no task id');
    case 'dsl-completed':
      if (inner.status !== 'completed') return failed('inner', statusReason(inner.status));
      return asObject(inner.result) !== null ? fine(inner) : failed('data', 'no result');
    case 'task':
      return TASK_STATUSES.includes(inner.status) ? fine(inner) : failed('inner', statusReason(inner.status));
    default:
      return inner.status === 'success' ? fine(inner) : failed('inner', statusReason(inner.status));
  }
}

/** The text in a tool's envelope; null when there is none. */
function textIn(envelope: Json | null): string | null {
  const content = Array.isArray(envelope?.content) ? asObject(envelope.content[0]) : null;
  return typeof content?.text === 'string' ? content.text : null;
}

function classifySearch(inner: Json, symbol: string): Outcome {
  const cached = asObject(inner.cached);
  if (cached === null) {
    return FAILED_STATUSES.includes(inner.status)
      ? failed('inner', statusReason(inner.status))
      : failed('data', 'no price');
  }
  const outcome = priced(cached.price, cached.source);
  if (outcome !== null) return outcome;
  if (!positive(cached.confidence)) return failed('data', 'no confidence');
  if (inner.symbol !== symbol) return failed('data', 'another symbol');
  if (FAILED_STATUSES.includes(inner.status)) return failed('inner', statusReason(inner.status));
  const task = asObject(inner.task);
  if (task !== null && FAILED_STATUSES.includes(task.status)) return failed('inner', statusReason(task.status));
  return fine(inner);
}

function classifyPrices(answer: Json | null, symbols: readonly string[]): Outcome {
  const prices = answer === null ? null : asObject(answer.prices);
  if (prices === null) return failed('envelope', 'not a price list');
  for (const symbol of symbols) {
    const entry = asObject(prices[symbol]);
    if (entry === null) return failed('data', 'a symbol is missing');
    const outcome = priced(entry.price, entry.source);
    if (outcome !== null) return outcome;
    if (entry.error !== null && entry.error !== undefined) return failed('data', 'a symbol has an error');
  }
  return fine(answer);
}

function classifyHealth(answer: Json | null): Outcome {
  if (answer === null) return failed('envelope', 'not a JSON object');
  return answer.status === 'healthy' ? fine(answer) : failed('inner', statusReason(answer.status));
}

/** What is wrong with a price and its source; null when nothing is. */
function priced(price: unknown, source: unknown): Outcome | null {
  if (typeof source !== 'string' || source === '') return failed('data', 'no source');
  if (NO_DATA_SOURCES.includes(source)) return failed('data', `source ${source}`);
  return positive(price) ? null : failed('data', 'no price');
}

/** Only known words go into a reason: whatever a server sends becomes a tag value otherwise. */
function statusReason(status: unknown): string {
  return FAILED_STATUSES.includes(status) ? `status ${String(status)}` : 'unexpected status';
}

const positive = (value: unknown): boolean => typeof value === 'number' && value > 0;

function asObject(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

function decode(text: string): Json | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}
