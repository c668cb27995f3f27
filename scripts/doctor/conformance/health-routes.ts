import type { z } from 'zod';
import { decode } from '../text';
import { type Comparison, get, textAt } from './comparison';
import { detail } from './shapes';
import { cacheHealth, databaseHealth, health, providerHealth, providersHealth } from './shapes-routes';

export interface Dependencies {
  readonly redis: boolean;
  readonly database: boolean;
}

/** The health routes; says what of the server's surroundings is there, which decides what else can be compared. */
export async function healthRoutes(comparison: Comparison): Promise<Dependencies> {
  await comparison.json('GET /health', get('/health'), health);
  const redis = await dependency(comparison, '/health/cache', cacheHealth);
  const database = await dependency(comparison, '/health/db', databaseHealth);
  await providers(comparison);
  return { redis, database };
}

/** A dependency that is down is no difference: the server says so as the contract has it. */
async function dependency(comparison: Comparison, path: string, shape: z.ZodType): Promise<boolean> {
  const route = `GET ${path}`;
  const reply = await comparison.ask(route, get(path), [200, 503]);
  if (reply === null) return false;
  if (reply.status === 503) {
    const said = textAt(comparison.shape(route, detail(), reply.text), 'detail');
    comparison.skip(route, `its healthy answer: ${said ?? 'it is down'}`);
  } else if (reply.status === 200) {
    comparison.shape(route, shape, reply.text);
  }
  return reply.status === 200;
}

async function providers(comparison: Comparison): Promise<void> {
  const route = 'GET /health/providers';
  const reply = await comparison.ask(route, get('/health/providers'), [200, 503]);
  if (reply?.status === 503) comparison.skip(route, 'its healthy answer: it says that no provider is healthy');
  if (reply?.status === 200) comparison.shape(route, providersHealth, reply.text);
  const listed: unknown = reply === null ? undefined : (decode(reply.text) as { providers?: unknown })?.providers;
  const name = typeof listed === 'object' && listed !== null ? Object.keys(listed)[0] : undefined;
  if (name !== undefined) {
    const path = `/health/providers/${encodeURIComponent(name)}`;
    await comparison.json('GET /health/providers/{name}', get(path), providerHealth(name));
  }
  const unknownProvider = 'GET /health/providers/{name}, unknown';
  await comparison.json(unknownProvider, get('/health/providers/nope'), detail("Provider 'nope' not found"), 404);
}
