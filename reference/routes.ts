import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { OperationName } from '../contract';
import { cacheMetrics, PERFORMANCE, taskMetrics, watchdogMetrics } from './api-metrics';
import { failureAnswer } from './failure';
import type { Fiml, Worker } from './fiml';
import type { Gate, Passage } from './gate';
import { HEALTH, providerHealth, providersHealth, ROOT } from './health';
import { writeJson } from './json';
import { asset, candles, DSL_TEMPLATES, find, prices } from './market';
import { TOOL_LIST } from './tool-list';
import { type Arguments, callTool, executeDsl, operationOf } from './tools';

const JSON_TYPE = 'application/json';
const MAX_SYMBOLS = 50;

type Query = Readonly<Record<string, string | string[] | undefined>>;
type Handler = (request: FastifyRequest, worker: Worker, reply: FastifyReply) => Promise<unknown> | unknown;

/** A body that is sent as it is. */
class Raw {
  constructor(readonly text: string) {}
}

/** An answer that is not 200. */
class Refusal {
  constructor(
    readonly status: number,
    readonly detail: unknown,
  ) {}
}

const missing = (...loc: string[]) => new Refusal(422, [{ type: 'missing', loc, msg: 'Field required', input: null }]);

/** Puts the contract's routes on a server. */
export function routes(app: FastifyInstance, fiml: Fiml, gate: Gate, workerOf: (socket: Socket) => Worker): void {
  /** The same server with every provider dead, for answers that are to fail for want of data. */
  const starved: Fiml = {
    ...fiml,
    prices: {
      read: async (_key, _kind, serviceMs) => {
        if (serviceMs > 0) await fiml.clock.sleep(serviceMs);
        return 'unknown';
      },
    },
  };
  const paths = new Map<string, RegExp>();

  const on = (method: 'GET' | 'POST', path: string, handler: Handler) => {
    paths.set(path, new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`));
    app.route({
      method,
      url: path,
      handler: async (request, reply) => {
        await gate.free();
        const answer = await handler(request, workerOf(request.raw.socket), reply);
        if (reply.sent) return reply;
        if (answer instanceof Raw) return reply.header('content-type', JSON_TYPE).send(answer.text);
        if (answer instanceof Refusal) return reply.code(answer.status).send({ detail: answer.detail });
        return reply.header('content-type', JSON_TYPE).send(writeJson(answer, false));
      },
    });
  };

  /** Serves one of the contract's operations: waits, works, and fails if it is to. */
  const operate = async (
    operation: OperationName,
    request: FastifyRequest,
    reply: FastifyReply,
    work: (fiml: Fiml, serviceMs: number) => Promise<string> | string,
    symbols: readonly string[] = [],
  ): Promise<Raw | undefined> => {
    const passage = await gate.enter(operation);
    try {
      const body = await answerOf(passage, operation, reply, work);
      const addMs = passage.addMs + gate.lateness(symbols);
      if (addMs > 0) await fiml.clock.sleep(addMs);
      if (body !== null) return new Raw(body);
      reply.hijack();
      request.raw.socket.destroy();
      return undefined;
    } finally {
      gate.leave();
    }
  };

  const answerOf = async (
    { failure, serviceMs }: Passage,
    operation: OperationName,
    reply: FastifyReply,
    work: (fiml: Fiml, serviceMs: number) => Promise<string> | string,
  ): Promise<string | null> => {
    if (failure === null) return work(fiml, serviceMs);
    const fromDeadProviders = failure === 'data' && !operation.startsWith('dsl');
    if (fromDeadProviders) return work(starved, serviceMs);
    if (serviceMs > 0) await fiml.clock.sleep(serviceMs);
    const answer = failureAnswer(failure, operation);
    if (answer === null) return null;
    reply.code(answer.status);
    return answer.body;
  };

  app.addHook('onRequest', (request, reply, done) => {
    // Not going on is the whole fault: the connection is there, and nothing ever comes.
    if (gate.faults.freeze) return;
    const { metrics } = workerOf(request.raw.socket);
    metrics.active++;
    // Comes for cut connections and clients that left as well, which no response ends.
    reply.raw.once('close', () => {
      metrics.active--;
    });
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { metrics } = workerOf(request.raw.socket);
    // The server's own middleware has not seen the status yet when something unhandled passes through it.
    const status = reply.statusCode === 500 ? 200 : reply.statusCode;
    metrics.request(request.method, pathOf(request.url), status, reply.elapsedTime);
    done();
  });
  app.removeAllContentTypeParsers();
  // Whatever it calls itself, a body is read as text: what is not JSON gets the server's own 422.
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setNotFoundHandler((request, reply) => {
    const known = [...paths.values()].some((pattern) => pattern.test(pathOf(request.url)));
    return known
      ? reply.code(405).send({ detail: 'Method Not Allowed' })
      : reply.code(404).send({ detail: 'Not Found' });
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ detail: error.message });
    return reply.code(500).send({ error: 'InternalServerError', message: 'An unexpected error occurred' });
  });

  on('GET', '/', () => ROOT);
  on('GET', '/health', (request, _worker, reply) =>
    operate('health', request, reply, async (_fiml, serviceMs) => {
      if (serviceMs > 0) await fiml.clock.sleep(serviceMs);
      return HEALTH_BODY;
    }),
  );
  on('GET', '/health/db', async () => {
    try {
      await fiml.database.ping();
      return { status: 'healthy', service: 'postgresql', ...fiml.database.address };
    } catch (error) {
      return new Refusal(503, `Database health check failed: ${(error as Error).message}`);
    }
  });
  on('GET', '/health/cache', async () => {
    try {
      await fiml.redis.patient.ping();
      return { status: 'healthy', service: 'redis', ...fiml.redis.patient.address };
    } catch (error) {
      return new Refusal(503, `Cache health check failed: ${(error as Error).message}`);
    }
  });
  on('GET', '/health/providers', () => providersHealth(fiml));
  on('GET', '/health/providers/:name', (request) => {
    const { name } = request.params as { name: string };
    return providerHealth(fiml, name) ?? new Refusal(404, `Provider '${name}' not found`);
  });

  on('GET', '/mcp/tools', () => TOOL_LIST);
  on('POST', '/mcp/tools/call', (request, worker, reply) => {
    const call = objectOf(request.body);
    if (call instanceof Refusal) return call;
    if (call.name === undefined) return missing('body', 'name');
    const args = call.arguments ?? {};
    const tool = call.name;
    if (typeof tool !== 'string') return invalid('string_type', 'name', 'Input should be a valid string', tool);
    if (typeof args !== 'object' || args === null || Array.isArray(args)) {
      return invalid('dict_type', 'arguments', 'Input should be a valid dictionary', args);
    }
    const operation = operationOf(tool, args as Arguments);
    const work = (on: Fiml, serviceMs: number) => callTool(on, worker, tool, args as Arguments, serviceMs);
    if (operation === null) return work(fiml, 0).then((body) => new Raw(body));
    const { symbol } = args as Arguments;
    return operate(operation, request, reply, work, typeof symbol === 'string' ? [symbol] : []);
  });

  on('GET', '/api/market/prices', (request, worker, reply) => {
    const asked = text((request.query as Query).symbols);
    if (asked === undefined) return missing('query', 'symbols');
    const symbols = asked
      .split(',')
      .map((symbol) => symbol.trim().toUpperCase())
      .filter((symbol) => symbol !== '');
    if (symbols.length === 0) return new Refusal(400, 'No symbols provided');
    if (symbols.length > MAX_SYMBOLS) return new Refusal(400, 'Maximum 50 symbols allowed per request');
    return operate('market-prices', request, reply, (on, serviceMs) => prices(on, worker, symbols, serviceMs), symbols);
  });
  on('GET', '/api/market/candles/:symbol', (request) => {
    const { symbol } = request.params as { symbol: string };
    return new Raw(candles(fiml, symbol.toUpperCase(), text((request.query as Query).timeframe) ?? '1d'));
  });
  on('GET', '/api/market/assets/:symbol', async (request, worker) => {
    const { symbol } = request.params as { symbol: string };
    return new Raw(await asset(fiml, worker, symbol.toUpperCase()));
  });
  on('GET', '/api/market/search', (request) => {
    const query = request.query as Query;
    const asked = text(query.q);
    return asked === undefined ? missing('query', 'q') : new Raw(find(asked, text(query.asset_type)));
  });
  on('GET', '/api/market/dsl/templates', () => DSL_TEMPLATES);
  on('POST', '/api/market/dsl/execute', async (request, worker) => {
    const body = objectOf(request.body);
    if (body instanceof Refusal) return body;
    if (typeof body.query !== 'string') return missing('body', 'query');
    if (body.query.trim() === '') return new Refusal(400, 'Query cannot be empty');
    const done = await executeDsl(fiml, worker, body.query, body.async_execution === true);
    const { query, status, result = null, task_id = null, error = null } = done;
    return { query, status, result, task_id, error };
  });

  on('GET', '/metrics', (_request, _worker, reply) => reply.code(307).header('location', '/metrics/').send());
  on('GET', '/metrics/', (request, worker, reply) => {
    const names = (request.query as Query)['name[]'] ?? [];
    const page = worker.metrics.exposition(new Set(Array.isArray(names) ? names : [names]));
    return reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(page);
  });
  on('GET', '/api/metrics/performance', () => PERFORMANCE);
  on('GET', '/api/metrics/cache', (_request, worker) => cacheMetrics(worker.metrics, fiml.clock.now()));
  on('GET', '/api/metrics/tasks', () => taskMetrics(fiml));
  on('GET', '/api/metrics/watchdog', (_request, worker) => {
    worker.metrics.watchdogsSeen = true;
    return watchdogMetrics(fiml.clock.now());
  });
  on('GET', '/ws/connections', () => ({ active_connections: 0, total_subscriptions: 0, subscribed_symbols: [] }));
}

const HEALTH_BODY = writeJson(HEALTH, false);

const pathOf = (url: string): string => {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
};

const text = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[value.length - 1] : value;

const invalid = (type: string, field: string, msg: string, input: unknown) =>
  new Refusal(422, [{ type, loc: ['body', field], msg, input }]);

function objectOf(body: unknown): Record<string, unknown> | Refusal {
  if (typeof body !== 'string' || body === '') return missing('body');
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    const msg = 'Input should be a valid dictionary or object to extract fields from';
    return new Refusal(422, [{ type: 'model_attributes_type', loc: ['body'], msg, input: value }]);
  } catch {
    return new Refusal(422, [{ type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error', input: {} }]);
  }
}
