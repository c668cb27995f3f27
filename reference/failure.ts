import type { Layer, OperationName } from '../contract';
import { envelope } from './answer';

const PATHS_WITHOUT_ENVELOPE: ReadonlySet<OperationName> = new Set(['health', 'market-prices']);

/** The answer that fails in just this layer; null: no answer at all, and the connection is cut. */
export function failureAnswer(layer: Layer, operation: OperationName): { status: number; body: string } | null {
  if (layer === 'transport') return null;
  if (layer === 'http') {
    return { status: 500, body: '{"error":"InternalServerError","message":"An unexpected error occurred"}' };
  }
  const plain = PATHS_WITHOUT_ENVELOPE.has(operation);
  if (layer === 'envelope') {
    return { status: 200, body: plain ? '"Error: injected"' : envelope('Error: injected', true) };
  }
  if (layer === 'inner') {
    return { status: 200, body: plain ? '{"status":"unhealthy"}' : envelope('{"status":"failed","error":"injected"}') };
  }
  return { status: 200, body: dataFailure(operation) };
}

/** A success by all its words, without what was asked for. Searches and prices are answered as by dead providers. */
function dataFailure(operation: OperationName): string {
  if (operation === 'dsl-async') return envelope('{"task_id":null,"query":"","status":"running","total_steps":0}');
  return envelope('{"query":"","status":"completed","result":null}');
}
