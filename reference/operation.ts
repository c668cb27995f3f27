import type { Layer, OperationName } from '../contract';

/** Every operation of the contract, each with the layers in which its answer can fail. */
const TOOL_LAYERS = ['transport', 'http', 'envelope', 'inner'] as const;
const DATA_LAYERS = [...TOOL_LAYERS, 'data'] as const;

export const LAYERS_OF: Readonly<Record<OperationName, readonly Layer[]>> = {
  'search-quick': DATA_LAYERS,
  'search-standard': DATA_LAYERS,
  'search-deep': DATA_LAYERS,
  'coin-quick': DATA_LAYERS,
  'dsl-async': DATA_LAYERS,
  'dsl-sync': DATA_LAYERS,
  'task-status': TOOL_LAYERS,
  // A list of prices has no status of its own.
  'market-prices': ['transport', 'http', 'envelope', 'data'],
  health: TOOL_LAYERS,
  'session-create': TOOL_LAYERS,
  'session-info': TOOL_LAYERS,
  'session-extend': TOOL_LAYERS,
  'session-list': TOOL_LAYERS,
  'session-analytics': TOOL_LAYERS,
};

export const OPERATIONS = Object.keys(LAYERS_OF) as OperationName[];

export const GROUPS: Readonly<Record<string, readonly OperationName[]>> = {
  search: ['search-quick', 'search-standard', 'search-deep', 'coin-quick'],
  dsl: ['dsl-async', 'dsl-sync'],
  session: ['session-create', 'session-info', 'session-extend', 'session-list', 'session-analytics'],
};

/** What a fault can be limited to. */
export const SCOPES: readonly string[] = [...OPERATIONS, ...Object.keys(GROUPS)];

/**
 * Median service times of an idle server, ms. Those of market prices and sessions were never measured: a price list
 * costs about what a search does, a session what a look at the database does.
 */
export const MEDIAN_MS: Readonly<Record<OperationName, number>> = {
  'search-quick': 1.85,
  'search-standard': 2.3,
  'search-deep': 2.3,
  'coin-quick': 1.5,
  'dsl-async': 1.2,
  'dsl-sync': 1.2,
  'task-status': 1.2,
  'market-prices': 1.85,
  health: 1,
  'session-create': 4.8,
  'session-info': 4.8,
  'session-extend': 4.8,
  'session-list': 4.8,
  'session-analytics': 4.8,
};
