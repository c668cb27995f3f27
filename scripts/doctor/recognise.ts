import { z } from 'zod';
import { classify, type Layer, searchBySymbol } from '../../contract';
import type { NoReply, Reply, TargetClient } from '../http';
import { decode, seen } from './text';

/** A symbol that every provider knows. */
const KNOWN_SYMBOL = 'AAPL';

const healthSchema = z.object({ status: z.string(), version: z.string(), environment: z.string() });
export type Health = z.infer<typeof healthSchema>;

const envelopeSchema = z.object({
  content: z.array(z.object({ type: z.literal('text'), text: z.string() })).min(1),
  isError: z.boolean(),
});
/** What the server says when something unforeseen passes through it, or when what it needs is gone. */
const failureSchema = z.union([
  z.strictObject({ error: z.string(), message: z.string() }),
  z.strictObject({ detail: z.string() }),
]);

/** Answers that another server gives, or something in front of this one: no fault of FIML's looks like them. */
const FOREIGN_STATUSES: ReadonlySet<number> = new Set([401, 403, 404, 405, 407, 422]);

export interface Silent {
  readonly kind: 'silent';
  readonly reason: NoReply;
}

/** Something answers, and not as FIML does. */
export interface Stranger {
  readonly kind: 'stranger';
  readonly seen: string;
  readonly statuses: readonly number[];
}

export interface Fiml {
  readonly kind: 'fiml';
  /** Null when `/health` is not in its shape: `healthSeen` says what came instead. */
  readonly health: Health | null;
  readonly healthSeen: string;
  /** How the search failed; null when it did not. */
  readonly failure: Failure | null;
}

export interface Failure {
  readonly layer: Layer;
  readonly reason: string;
  /** What came, in words. */
  readonly seen: string;
}

export type Recognised = Silent | Stranger | Fiml;

/**
 * Finds out whether a server is FIML, by `/health` and a quick search. A FIML whose answers fail is still one: it is there
 * to be measured.
 */
export async function recognise(client: TargetClient): Promise<Recognised> {
  const health = await client.get('/health');
  // A cut connection is a server's doing; with all else there is nobody to ask on.
  if ('problem' in health && health.hindrance !== 'cut') return { kind: 'silent', reason: health };
  const request = searchBySymbol(KNOWN_SYMBOL, 'quick');
  const search = await client.send(request);
  const healthSeen = wordsFor(client, health);
  const searchSeen = wordsFor(client, search);
  if (isFiml(health, search)) {
    const answer = 'problem' in search ? { status: 0, body: null } : { status: search.status, body: search.text };
    const outcome = classify(answer, request, 'full');
    const failure = outcome.ok ? null : { layer: outcome.layer, reason: outcome.reason, seen: searchSeen };
    return { kind: 'fiml', health: healthOf(health), healthSeen, failure };
  }
  if ('problem' in health && 'problem' in search) return { kind: 'silent', reason: search };
  const statuses = [health, search].flatMap((reply) => ('problem' in reply ? [] : [reply.status]));
  return { kind: 'stranger', seen: `GET /health gave ${healthSeen}, and a search ${searchSeen}`, statuses };
}

/** The server's own account of itself; null when it is not in FIML's shape. */
export function healthOf(reply: Reply | NoReply): Health | null {
  return 'problem' in reply || reply.status !== 200 ? null : (parsed(healthSchema, reply) ?? null);
}

function isFiml(health: Reply | NoReply, search: Reply | NoReply): boolean {
  if (isEnvelope(search)) return true;
  if (healthOf(health) !== null) return !isForeign(search);
  // Neither works, and both fail in the words that this server has for it.
  return isFailure(search) && (isFailure(health) || 'problem' in health);
}

const isEnvelope = (reply: Reply | NoReply): boolean =>
  !('problem' in reply) && reply.status === 200 && parsed(envelopeSchema, reply) !== undefined;

const isFailure = (reply: Reply | NoReply): boolean =>
  !('problem' in reply) && reply.status >= 500 && parsed(failureSchema, reply) !== undefined;

const isForeign = (reply: Reply | NoReply): boolean =>
  !('problem' in reply) && (reply.status < 400 || FOREIGN_STATUSES.has(reply.status));

const parsed = <T>(schema: z.ZodType<T>, reply: Reply): T | undefined => schema.safeParse(decode(reply.text)).data;

const wordsFor = (client: TargetClient, reply: Reply | NoReply): string =>
  'problem' in reply ? reply.problem : seen(client, reply);
