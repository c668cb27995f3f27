import { z } from 'zod';
import type { TargetClient } from '../http';
import type { TargetSnapshot } from '../result/run';
import { afterFailure, afterSilence, afterStranger, failureWords, KNOWN_VERSION, unknownVersion } from './advice';
import { bad, type Finding, finding, type Look, ok, unknown, warn } from './finding';
import type { Fiml, Silent, Stranger } from './recognise';
import { decode, quoted, seen } from './text';

/** Of a provider's calls, as the Blueprint asks for its uptime. */
const LEAST_SUCCESS = 0.99;
const LOG = "Look at the server's log";

const dependencySchema = z.object({ status: z.literal('healthy'), host: z.string(), port: z.number() });
const detailSchema = z.object({ detail: z.string() });
const providersSchema = z.object({ providers: z.record(z.string(), z.object({ success_rate: z.number() })) });

/** A server that is no FIML, or none at all: there is nothing more to ask it. */
export function strangerFinding(client: TargetClient, target: Silent | Stranger): Finding {
  const look =
    target.kind === 'silent'
      ? bad(`it does not answer: ${target.reason.problem}`, afterSilence(client, target.reason))
      : bad(`it does not answer as FIML does: ${target.seen}`, afterStranger(client, target));
  return finding('server', 'Server', look);
}

export function serverFindings(client: TargetClient, target: Fiml): Finding[] {
  return [
    finding('server', 'Server', lookAtHealth(client, target)),
    finding('version', 'Version', lookAtVersion(client, target)),
    finding('search', 'A quick search', lookAtSearch(target)),
  ];
}

function lookAtHealth(client: TargetClient, { health, healthSeen }: Fiml): Look {
  if (health === null) return bad(`GET /health is not FIML's: ${healthSeen}`, LOG);
  const detail = `says that it is ${quoted(client, health.status)}, in environment ${quoted(client, health.environment)}`;
  return health.status === 'healthy' ? ok(detail) : bad(detail, LOG);
}

function lookAtVersion(client: TargetClient, { health }: Fiml): Look {
  if (health === null) return unknown('GET /health does not tell it');
  if (KNOWN_VERSION.test(health.version)) return ok(`${quoted(client, health.version)}; known are 0.4.x`);
  return warn(unknownVersion(client, health.version), `fiml-perf doctor --conformance ${client.url}`);
}

function lookAtSearch({ failure }: Fiml): Look {
  return failure === null ? ok('brings a price') : bad(failureWords(failure), afterFailure(failure));
}

/** Asks for the health of what the server depends on, and of its providers; side by side, since a dead one takes seconds. */
export async function dependencyFindings(client: TargetClient): Promise<Finding[]> {
  const [redis, database, providers] = await Promise.all([
    lookAtDependency(client, '/health/cache', 'redis-cli ping; the server finds it by REDIS_HOST and REDIS_PORT'),
    lookAtDependency(client, '/health/db', 'pg_isready; the server finds it by POSTGRES_HOST and POSTGRES_PORT'),
    lookAtProviders(client),
  ]);
  return [
    finding('redis', 'Redis', redis),
    finding('database', 'Database (for sessions)', database),
    finding('providers', 'Providers', providers),
  ];
}

async function lookAtDependency(client: TargetClient, path: string, check: string): Promise<Look> {
  const reply = await client.getAlone(path);
  if ('problem' in reply) return bad(`GET ${path}: ${reply.problem}`, `Is it running? ${check}`);
  const healthy = dependencySchema.safeParse(decode(reply.text)).data;
  if (reply.status === 200 && healthy !== undefined) {
    return ok(`the server reaches it at ${quoted(client, `${healthy.host}:${healthy.port}`)}`);
  }
  if (reply.status === 503) {
    const detail = detailSchema.safeParse(decode(reply.text)).data?.detail ?? reply.text;
    return bad(`the server does not reach it: ${quoted(client, detail, 200)}`, `Is it running? ${check}`);
  }
  return unknown(`GET ${path} gave ${seen(client, reply)}`);
}

async function lookAtProviders(client: TargetClient): Promise<Look> {
  const reply = await client.getAlone('/health/providers');
  if ('problem' in reply) return unknown(`GET /health/providers: ${reply.problem}`);
  const providers = providersSchema.safeParse(decode(reply.text)).data?.providers;
  if (reply.status !== 200 || providers === undefined)
    return unknown(`GET /health/providers gave ${seen(client, reply)}`);
  const rates = Object.entries(providers).map(([name, { success_rate }]) => ({ name, rate: success_rate }));
  if (rates.length === 0) return bad('none', "Set the providers' keys, or FIML_ENV=test for the mock provider");
  const failing = rates.filter(({ rate }) => rate < LEAST_SUCCESS);
  // "Healthy" means there only that it was initialised: what moves is the share of calls that succeed.
  if (failing.length === 0) return ok(`${rates.length}, each with at least 99 % of its calls successful`);
  const named = failing.map(({ name, rate }) => `${quoted(client, name)} ${(rate * 100).toFixed(1)} %`).join(', ');
  return (failing.length === rates.length ? bad : warn)(
    `calls that succeed, of ${rates.length}: ${named}`,
    "Check their keys, their rate limits and the server's way to the internet",
  );
}

/** Several workers behind one address do not share their counters and their DSL tasks. */
export function lookAtWorkers(snapshot: TargetSnapshot | null): Look {
  const count = snapshot?.startTimesS.length ?? 0;
  if (count === 0) return unknown('the server does not tell its start time under /metrics/');
  if (count === 1) return ok('one process');
  return warn(
    `${count} processes were met: each has its own counters and DSL tasks, so that hit rate and task completion cannot be measured`,
    'For those, run the server with one worker (uvicorn --workers 1), or name one worker in PERF_TARGET',
  );
}
