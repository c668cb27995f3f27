import type { AddressInfo, Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { openAlarm } from './alarm';
import { searchTemplates } from './answer';
import type { Clock } from './clock';
import { controlServer } from './control';
import { type Faults, parseFaults } from './faults';
import type { Fiml, Worker } from './fiml';
import { Gate } from './gate';
import { embeddedLlm, httpLlm, type Llm, type LlmEndpoint } from './llm';
import { Metrics } from './metrics';
import { pricesThrough } from './prices';
import { postgresDatabase, redisConnection, redisPool } from './real-stores';
import { redisClients, SOCKET_TIMEOUT_MS } from './redis-client';
import { routes } from './routes';
import { embeddedDatabase, embeddedStore } from './store';

export { FaultError, type Faults } from './faults';

/** Standard deviation of the logarithm of service times: their p95 is then 1.6 times, their p99 2 times the median. */
export const DEFAULT_SIGMA = 0.3;

export interface ReferenceOptions {
  /** 0: the system chooses. */
  readonly port: number;
  readonly host: string;
  /** The control port, 0: the system chooses; null: none. */
  readonly controlPort: number | null;
  readonly seed: number;
  readonly sigma: number;
  /** False: answers come as fast as they can. */
  readonly serviceTime: boolean;
  /** False: none, whatever the endpoint. */
  readonly llm: boolean;
  /** Null: a stub in this process. */
  readonly llmEndpoint: LlmEndpoint | null;
  /** Spaces after commas and colons in the tools' text. */
  readonly spacedJson: boolean;
  /** Worker processes to imitate behind the one address: a connection stays with its worker. */
  readonly workers: number;
  readonly redisUrl: string | null;
  readonly databaseUrl: string | null;
  /** Multiplies what the clients of Redis, PostgreSQL and the LLM wait before they give up. */
  readonly retryScale: number;
  readonly faults: Partial<Faults>;
  /** Null: this machine's. */
  readonly clock: Clock | null;
}

export interface Reference {
  readonly url: string;
  readonly controlUrl: string | null;
  close(): Promise<void>;
}

const DEFAULTS: ReferenceOptions = {
  port: 0,
  host: '127.0.0.1',
  controlPort: null,
  seed: 1,
  sigma: DEFAULT_SIGMA,
  serviceTime: true,
  llm: true,
  llmEndpoint: null,
  spacedJson: false,
  workers: 1,
  redisUrl: null,
  databaseUrl: null,
  retryScale: 1,
  faults: {},
  clock: null,
};

/** Symbols in a path are of any length there; this is longer than any that a test sends. */
const MAX_SYMBOL_LENGTH = 1000;

/**
 * Starts a server that keeps the contract.
 *
 * @throws FaultError when the faults are not valid; an error of the system when an address cannot be had.
 */
export async function startReference(given: Partial<ReferenceOptions> = {}): Promise<Reference> {
  const options = { ...DEFAULTS, ...given };
  const alarm = openAlarm();
  const clock = options.clock ?? { now: Date.now, sleep: alarm.sleep };
  const gate = new Gate(options.seed, options.serviceTime ? options.sigma : null);
  gate.setFaults(parseFaults(options.faults));
  const { store, registry, database } = storesOf(options, clock);
  const cacheReady = await Promise.resolve()
    .then(() => store.ping())
    .then(
      () => true,
      () => false,
    );
  const providerDown = () => gate.faults.providerDown;
  const redis = redisClients({
    store,
    registry,
    clock,
    seed: options.seed,
    retryScale: options.retryScale,
    down: () => gate.faults.cacheDown,
    holdUp: (work) => gate.holdUp(work),
  });
  let sessionsOpen = false;
  const fiml: Fiml = {
    clock,
    redis,
    database,
    openSessions: async () => {
      if (sessionsOpen) return;
      await database.connect();
      await redis.patient.ping();
      sessionsOpen = true;
    },
    prices: pricesThrough({ cache: redis.patient, clock, cacheReady, providerDown }),
    template: searchTemplates(options.spacedJson),
    spaced: options.spacedJson,
    llm: llmOf(options, clock),
    providerDown,
  };
  const workers = Array.from({ length: options.workers }, (_, index) => ({
    metrics: new Metrics(index),
    dslTasks: new Map(),
  }));

  const app = fastify({
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: MAX_SYMBOL_LENGTH },
  });
  routes(app, fiml, gate, workerOfConnection(app, workers));
  const control = options.controlPort === null ? null : controlServer(gate, workers);
  const close = async () => {
    await Promise.all([app.close(), control?.close()]);
    await Promise.allSettled([store.close(), registry.close(), database.close(), alarm.close()]);
  };
  try {
    // The first wait starts the alarm's thread: no answer shall be late by that.
    if (options.serviceTime) await alarm.sleep(0);
    await app.listen({ port: options.port, host: options.host });
    if (control !== null) await control.listen({ port: options.controlPort ?? 0, host: options.host });
  } catch (error) {
    await close();
    throw error;
  }
  return { url: urlOf(app, options.host), controlUrl: control === null ? null : urlOf(control, options.host), close };
}

/** Real ones where they are named, this process' memory where not. */
function storesOf({ redisUrl, databaseUrl, retryScale }: ReferenceOptions, clock: Clock) {
  const database = databaseUrl === null ? embeddedDatabase : postgresDatabase(databaseUrl, retryScale);
  if (redisUrl === null) {
    const store = embeddedStore(clock);
    return { store, registry: store, database };
  }
  const socketTimeoutMs = SOCKET_TIMEOUT_MS * retryScale;
  return {
    store: redisPool(redisUrl, socketTimeoutMs),
    registry: redisConnection(redisUrl, socketTimeoutMs),
    database,
  };
}

function llmOf({ llm, llmEndpoint, retryScale }: ReferenceOptions, clock: Clock): Llm | null {
  if (!llm) return null;
  return llmEndpoint === null ? embeddedLlm(clock) : httpLlm(llmEndpoint, clock, retryScale);
}

/** Connections go to the workers in turn and stay there, as the kernel spreads them over processes. */
function workerOfConnection(app: FastifyInstance, workers: readonly Worker[]): (socket: Socket) => Worker {
  const assigned = new WeakMap<Socket, Worker>();
  const first = workers[0] as Worker;
  let next = 0;
  if (workers.length === 1) return () => first;
  app.server.on('connection', (socket: Socket) => {
    assigned.set(socket, workers[next++ % workers.length] ?? first);
  });
  return (socket) => assigned.get(socket) ?? first;
}

function urlOf(app: FastifyInstance, host: string): string {
  const { port } = app.server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
