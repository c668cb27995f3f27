import { randomUUID } from 'node:crypto';
import { isoTime } from './clock';
import type { Fiml, Worker } from './fiml';
import { float } from './json';
import type { Archive } from './store';

type Arguments = Readonly<Record<string, unknown>>;
type Result = Record<string, unknown>;

const HOUR_MS = 3_600_000;
const DEFAULT_HOURS = 24;
const MAX_HOURS = 168;
const TYPES = ['equity', 'crypto', 'portfolio', 'comparative', 'macro'];

interface Session {
  readonly id: string;
  readonly userId: string | null;
  readonly type: string;
  readonly assets: readonly unknown[];
  readonly tags: readonly unknown[];
  readonly createdAtMs: number;
  expiresAtMs: number;
}

export const SESSION_TOOLS: Readonly<Record<string, (fiml: Fiml, args: Arguments, worker: Worker) => Promise<Result>>> =
  {
    'create-analysis-session': onDatabase(create),
    'get-session-info': onDatabase(info),
    'list-sessions': onDatabase(list),
    'extend-session': onDatabase(extend),
    'get-session-analytics': analytics,
  };

/** A tool that has one of the database's connections while it works, whether it then uses it or not. */
function onDatabase(tool: (fiml: Fiml, args: Arguments, archive: Archive) => Promise<Result>) {
  return async (fiml: Fiml, args: Arguments): Promise<Result> => {
    await fiml.openSessions();
    return fiml.database.hold((archive) => tool(fiml, args, archive));
  };
}

async function create(fiml: Fiml, args: Arguments): Promise<Result> {
  const type = String(args.sessionType);
  if (!TYPES.includes(type)) throw new Error(`'${type}' is not a valid SessionType`);
  const now = fiml.clock.now();
  const hours = hoursOf(args.ttlHours);
  const session: Session = {
    id: randomUUID(),
    userId: stringOrNull(args.userId),
    type,
    assets: Array.isArray(args.assets) ? args.assets : [],
    tags: Array.isArray(args.tags) ? args.tags : [],
    createdAtMs: now,
    expiresAtMs: now + hours * HOUR_MS,
  };
  await save(fiml, session);
  const { id, userId, assets, tags } = session;
  const times = { created_at: isoTime(now), expires_at: isoTime(session.expiresAtMs) };
  return { status: 'success', session_id: id, user_id: userId, type, assets, ...times, ttl_hours: hours, tags };
}

async function info(fiml: Fiml, args: Arguments, archive: Archive): Promise<Result> {
  return { status: 'success', ...describe(await load(fiml, args, archive), fiml.clock.now()), recent_queries: [] };
}

async function extend(fiml: Fiml, args: Arguments, archive: Archive): Promise<Result> {
  const session = await load(fiml, args, archive);
  const hours = hoursOf(args.hours);
  session.expiresAtMs = fiml.clock.now() + hours * HOUR_MS;
  await save(fiml, session);
  const expires_at = isoTime(session.expiresAtMs);
  return { status: 'success', session_id: session.id, expires_at, time_remaining_hours: float(hours) };
}

async function list(fiml: Fiml, args: Arguments): Promise<Result> {
  const userId = stringOrNull(args.userId);
  const limit = typeof args.limit === 'number' ? args.limit : 50;
  const sessions = (await all(fiml)).filter((session) => session.userId === userId).slice(0, limit);
  const now = fiml.clock.now();
  const shown = sessions.map((session) => describe(session, now));
  return { status: 'success', user_id: userId, total_sessions: shown.length, sessions: shown };
}

async function analytics(_fiml: Fiml, args: Arguments, worker: Worker): Promise<Result> {
  worker.metrics.sessionsSeen = true;
  return {
    status: 'success',
    total_sessions: 0,
    active_sessions: 0,
    archived_sessions: 0,
    total_queries: 0,
    avg_duration_seconds: float(0),
    avg_queries_per_session: float(0),
    abandonment_rate: float(0),
    period_days: typeof args.days === 'number' ? args.days : 30,
    top_assets: [],
    message: 'No sessions in this period',
  };
}

async function load(fiml: Fiml, args: Arguments, archive: Archive): Promise<Session> {
  if (typeof args.sessionId !== 'string') throw new Error("'sessionId'");
  const text = await fiml.redis.patient.get(`session:${args.sessionId}`);
  if (text !== null) return JSON.parse(text) as Session;
  await archive.read(args.sessionId);
  throw new Error(`Session ${args.sessionId} not found`);
}

async function all(fiml: Fiml): Promise<Session[]> {
  const keys = await fiml.redis.patient.keys('session:');
  const texts = await Promise.all(keys.map((key) => fiml.redis.patient.get(key)));
  return texts.filter((text) => text !== null).map((text) => JSON.parse(text) as Session);
}

async function save(fiml: Fiml, session: Session): Promise<void> {
  const ttlS = Math.max(1, Math.ceil((session.expiresAtMs - fiml.clock.now()) / 1000));
  await fiml.redis.patient.set(`session:${session.id}`, JSON.stringify(session), ttlS);
}

function describe(session: Session, now: number): Result {
  return {
    session_id: session.id,
    user_id: session.userId,
    type: session.type,
    assets: session.assets,
    created_at: isoTime(session.createdAtMs),
    expires_at: isoTime(session.expiresAtMs),
    last_accessed_at: isoTime(now),
    is_expired: session.expiresAtMs <= now,
    time_remaining_hours: float(Math.max(0, session.expiresAtMs - now) / HOUR_MS),
    duration_hours: float((now - session.createdAtMs) / HOUR_MS),
    total_queries: 0,
    cache_hit_rate: float(0),
    tags: session.tags,
  };
}

const hoursOf = (value: unknown): number =>
  Math.min(typeof value === 'number' && value > 0 ? value : DEFAULT_HOURS, MAX_HOURS);

const stringOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
