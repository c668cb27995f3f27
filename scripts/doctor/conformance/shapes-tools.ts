import { z } from 'zod';
import { beginning, count, object, share, text, time, uuid } from './shapes';

/** In the server's order. */
export const TOOL_NAMES: readonly string[] = [
  'search-by-symbol',
  'search-by-coin',
  'get-task-status',
  'execute-fk-dsl',
  'create-analysis-session',
  'get-session-info',
  'list-sessions',
  'extend-session',
  'get-session-analytics',
  'warm-cache',
];

export const toolList = z.strictObject({
  tools: z.array(z.strictObject({ name: text, description: text, inputSchema: z.looseObject({ properties: object }) })),
});

export const submitted = (query: string) =>
  z.strictObject({
    task_id: uuid,
    query: z.literal(query),
    status: z.literal('running'),
    total_steps: count,
    message: text,
  });

export const completed = (query: string) =>
  z.strictObject({ query: z.literal(query), status: z.literal('completed'), result: object });

export const parseError = (query: string) =>
  z.strictObject({
    query: z.literal(query),
    status: z.literal('failed'),
    error: beginning('Failed to parse DSL query: '),
  });

/** A DSL task at its end. */
export const completedTask = (taskId: string, query: string) =>
  z.strictObject({
    task_id: z.literal(taskId),
    status: z.literal('completed'),
    type: text,
    query: z.literal(query),
    progress: share,
    completed_steps: count,
    total_steps: count,
    created_at: time,
    started_at: time.nullable(),
    completed_at: time.nullable(),
    result: object,
    error: text.nullable(),
  });

/** What a search registered; nothing ever works on it. */
export const pendingTask = (taskId: string) =>
  z.looseObject({ task_id: z.literal(taskId), status: z.literal('pending'), progress: share, type: text });

export const unknownTask = (taskId: string) =>
  z.strictObject({
    task_id: z.literal(taskId),
    status: z.literal('not_found'),
    progress: z.null(),
    type: z.null(),
  });

export const warmed = (symbol: string) => z.strictObject({ [symbol]: z.boolean() });

export const createdSession = (userId: string) =>
  z.strictObject({
    status: z.literal('success'),
    session_id: uuid,
    user_id: z.literal(userId),
    type: z.literal('equity'),
    assets: z.array(text),
    created_at: time,
    expires_at: time,
    ttl_hours: z.literal(1),
    tags: z.array(text),
  });

export const sessionInfo = (sessionId: string, userId: string) =>
  z.strictObject({
    status: z.literal('success'),
    session_id: z.literal(sessionId),
    user_id: z.literal(userId),
    type: z.literal('equity'),
    assets: z.array(text),
    created_at: time,
    expires_at: time,
    last_accessed_at: time,
    is_expired: z.literal(false),
    time_remaining_hours: z.number(),
    duration_hours: z.number(),
    total_queries: count,
    cache_hit_rate: z.number(),
    tags: z.array(text),
    recent_queries: z.array(z.strictObject({ type: text, timestamp: time, cache_hit: z.boolean() })),
  });

export const sessionList = (userId: string) =>
  z.strictObject({
    status: z.literal('success'),
    user_id: z.literal(userId),
    total_sessions: count,
    sessions: z.array(object),
  });

export const extendedSession = (sessionId: string) =>
  z.strictObject({
    status: z.literal('success'),
    session_id: z.literal(sessionId),
    expires_at: time,
    time_remaining_hours: z.number(),
  });

/** More fields than these are there, and not in the contract. */
export const sessionAnalytics = z.looseObject({
  status: z.literal('success'),
  total_sessions: count,
  active_sessions: count,
  archived_sessions: count,
  total_queries: count,
  avg_duration_seconds: z.number(),
  avg_queries_per_session: z.number(),
  abandonment_rate: z.number(),
  period_days: count,
  top_assets: z.array(z.unknown()),
});
