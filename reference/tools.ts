import type { OperationName } from '../contract';
import { envelope } from './answer';
import { isoTime } from './clock';
import { DslError } from './dsl/lex';
import { parseDsl } from './dsl/parse';
import { planOf } from './dsl/plan';
import { type DslTask, startDsl, statusOf, untilDone } from './dsl/run';
import type { Fiml, Worker } from './fiml';
import { float, writeJson } from './json';
import { DEPTHS, runSearch } from './search';
import { SESSION_TOOLS } from './sessions';

export type Arguments = Readonly<Record<string, unknown>>;

const MARKETS = ['US', 'UK', 'EU', 'JP', 'CN', 'HK', 'CRYPTO', 'GLOBAL'];
const SESSION_OPERATIONS: Readonly<Record<string, OperationName>> = {
  'create-analysis-session': 'session-create',
  'get-session-info': 'session-info',
  'extend-session': 'session-extend',
  'list-sessions': 'session-list',
  'get-session-analytics': 'session-analytics',
};
const SEARCHES: Readonly<Record<string, OperationName>> = {
  quick: 'search-quick',
  standard: 'search-standard',
  deep: 'search-deep',
};

/** The operation that a call of a tool counts as; null for those that no scenario makes. */
export function operationOf(tool: string, args: Arguments): OperationName | null {
  switch (tool) {
    case 'search-by-symbol':
      return SEARCHES[String(args.depth ?? 'standard')] ?? null;
    case 'search-by-coin':
      return 'coin-quick';
    case 'execute-fk-dsl':
      return args.async === false ? 'dsl-sync' : 'dsl-async';
    case 'get-task-status':
      return 'task-status';
    default:
      return SESSION_OPERATIONS[tool] ?? null;
  }
}

/** Runs a tool and gives the body of the answer, which has HTTP status 200 whatever happened. */
export async function callTool(
  fiml: Fiml,
  worker: Worker,
  tool: string,
  args: Arguments,
  serviceMs: number,
): Promise<string> {
  try {
    if (tool === 'search-by-symbol' || tool === 'search-by-coin')
      return await search(fiml, worker, tool, args, serviceMs);
    if (serviceMs > 0) await fiml.clock.sleep(serviceMs);
    return envelope(writeJson(await result(fiml, worker, tool, args), fiml.spaced));
  } catch (error) {
    return envelope(`Error: ${(error as Error).message}`, true);
  }
}

async function search(fiml: Fiml, worker: Worker, tool: string, args: Arguments, serviceMs: number): Promise<string> {
  const symbol = required(args, 'symbol');
  if (typeof symbol !== 'string') throw new Error(`'${pythonType(symbol)}' object has no attribute 'upper'`);
  const depth = choice(DEPTHS, args.depth ?? 'standard', 'AnalysisDepth');
  const equity = tool === 'search-by-symbol';
  const place = equity ? choice(MARKETS, args.market ?? 'US', 'Market') : text(args.pair, 'USDT');
  return runSearch(
    fiml,
    worker,
    {
      kind: equity ? 'equity' : 'coin',
      symbol: symbol.toUpperCase(),
      depth,
      place,
      exchange: text(args.exchange, 'binance'),
      language: text(args.language, 'en'),
      sessionId: typeof args.sessionId === 'string' ? args.sessionId : null,
    },
    serviceMs,
  );
}

async function result(fiml: Fiml, worker: Worker, tool: string, args: Arguments): Promise<Record<string, unknown>> {
  switch (tool) {
    case 'execute-fk-dsl':
      return executeDsl(fiml, worker, String(required(args, 'query')), args.async !== false);
    case 'get-task-status':
      return taskStatus(fiml, worker, String(required(args, 'taskId')));
    case 'warm-cache': {
      const symbols = required(args, 'symbols');
      // The server calls provider methods that do not exist: nothing is ever warmed.
      return Object.fromEntries((Array.isArray(symbols) ? symbols : []).map((symbol) => [String(symbol), false]));
    }
    default: {
      const session = SESSION_TOOLS[tool];
      if (session === undefined) throw new Error(`404: Tool not found: ${tool}`);
      try {
        return await session(fiml, args, worker);
      } catch (error) {
        return { status: 'error', error: (error as Error).message };
      }
    }
  }
}

/** What execute-fk-dsl and the market route share. A query that does not parse is a result, not an error. */
export async function executeDsl(
  fiml: Fiml,
  worker: Worker,
  query: string,
  isAsync: boolean,
): Promise<Record<string, unknown>> {
  try {
    const task = startDsl(query, planOf(parseDsl(query)), fiml.clock);
    keep(worker.dslTasks, task);
    if (isAsync) {
      const message = 'DSL query execution started';
      return { task_id: task.id, query, status: 'running', total_steps: task.totalSteps, message };
    }
    await untilDone(task, fiml.clock);
    return { query, status: 'completed', result: task.result };
  } catch (error) {
    if (!(error instanceof DslError)) throw error;
    return { query, status: 'failed', error: `Failed to parse DSL query: ${error.message}` };
  }
}

/** Tasks kept: those of a minute under the largest load, of which each is asked for within seconds. */
export const KEPT_TASKS = 2000;

/**
 * FIML keeps them for ever, some 10 KB each: an hour of load finds that leak there. This one's memory is to grow only where
 * that was asked for, or no run on it could tell whether a server is well.
 */
function keep(tasks: Map<string, DslTask>, task: DslTask): void {
  tasks.set(task.id, task);
  const [oldest] = tasks.keys();
  if (tasks.size > KEPT_TASKS && oldest !== undefined) tasks.delete(oldest);
}

async function taskStatus(fiml: Fiml, worker: Worker, id: string): Promise<Record<string, unknown>> {
  const dsl = worker.dslTasks.get(id);
  if (dsl !== undefined) return statusOf(dsl);
  const stored = await fiml.redis.blocking.get(`fiml:task:${id}`);
  if (stored === null) return { task_id: id, status: 'not_found', progress: null, type: null };
  const { type, status, at } = JSON.parse(stored) as { type: string; status: string; at: number };
  return {
    task_id: id,
    status,
    type,
    query: null,
    progress: float(0),
    completed_steps: null,
    total_steps: null,
    created_at: isoTime(at),
    started_at: null,
    completed_at: null,
    result: null,
    error: null,
  };
}

function required(args: Arguments, name: string): unknown {
  if (!(name in args)) throw new Error(`'${name}'`);
  return args[name];
}

function choice<T extends string>(allowed: readonly T[], value: unknown, type: string): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined)
    throw new Error(`${typeof value === 'string' ? `'${value}'` : String(value)} is not a valid ${type}`);
  return found;
}

const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

function pythonType(value: unknown): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return 'dict';
}
