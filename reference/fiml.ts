import type { SearchQuery, SearchTemplate } from './answer';
import type { Clock } from './clock';
import type { DslTask } from './dsl/run';
import type { Metrics } from './metrics';
import type { Prices } from './prices';
import type { Database, KeyValueStore } from './store';

/** One worker process: what a several-worker server does not share. */
export interface Worker {
  readonly metrics: Metrics;
  /** They live in the process' memory and never expire, as the server's do. */
  readonly dslTasks: Map<string, DslTask>;
}

/** What the routes work with. */
export interface Fiml {
  readonly clock: Clock;
  readonly store: KeyValueStore;
  readonly database: Database;
  readonly prices: Prices;
  readonly template: (query: SearchQuery) => SearchTemplate;
  readonly spaced: boolean;
  readonly llm: boolean;
  readonly providerDown: () => boolean;
  /** Resolves at once unless Redis is down: then after the client's retries, throwing. */
  readonly reachCache: () => Promise<void> | undefined;
}

export const VERSION = '0.4.1';
