import type { SearchQuery, SearchTemplate } from './answer';
import type { Clock } from './clock';
import type { DslTask } from './dsl/run';
import type { Llm } from './llm';
import type { Metrics } from './metrics';
import type { Prices } from './prices';
import type { RedisClients } from './redis-client';
import type { Database } from './store';

/** One worker process: what a several-worker server does not share. */
export interface Worker {
  readonly metrics: Metrics;
  /** They live in the process' memory, the oldest first; see `keep`. */
  readonly dslTasks: Map<string, DslTask>;
}

/** What the routes work with. */
export interface Fiml {
  readonly clock: Clock;
  readonly redis: RedisClients;
  readonly database: Database;
  /** Makes sure that the session tools have had both stores once. */
  readonly openSessions: () => Promise<void>;
  readonly prices: Prices;
  readonly template: (query: SearchQuery) => SearchTemplate;
  readonly spaced: boolean;
  /** Null: there is none. */
  readonly llm: Llm | null;
  readonly providerDown: () => boolean;
}

export const VERSION = '0.4.1';
