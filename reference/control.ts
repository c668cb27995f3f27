import fastify, { type FastifyInstance } from 'fastify';
import { FaultError, NO_FAULTS, parseFaults } from './faults';
import type { Worker } from './fiml';
import type { Gate } from './gate';

/** Faults and counts, on a port of their own: the contract's port has no route that FIML has not. */
export function controlServer(gate: Gate, workers: readonly Worker[]): FastifyInstance {
  const app = fastify({ forceCloseConnections: true });
  app.get('/faults', async () => gate.faults);
  app.patch('/faults', async (request, reply) => {
    const { body } = request;
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      return reply.code(400).send({ errors: ['the faults must be a JSON object'] });
    }
    try {
      gate.setFaults(parseFaults({ ...gate.faults, ...body }));
      return gate.faults;
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      return reply.code(400).send({ errors: error.problems });
    }
  });
  app.delete('/faults', async () => {
    gate.setFaults(NO_FAULTS);
    return gate.faults;
  });
  const total = (count: (worker: Worker) => number) => workers.reduce((sum, worker) => sum + count(worker), 0);
  app.get('/stats', async () => ({
    requests: gate.requests,
    cacheHits: total(({ metrics }) => metrics.hits),
    cacheMisses: total(({ metrics }) => metrics.misses),
    inFlight: gate.inFlight,
  }));
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
    reply.code(error.statusCode ?? 500).send({ errors: [error.message] }),
  );
  return app;
}
