import { type Comparison, textAt, toolRoute } from './comparison';
import { createdSession, extendedSession, sessionAnalytics, sessionInfo, sessionList } from './shapes-tools';

const USER = 'fiml-perf-conformance';

/** The session tools, on one session of an hour: the shortest that the server makes. */
export async function sessionRoutes(comparison: Comparison): Promise<void> {
  const session = { assets: ['AAPL'], sessionType: 'equity', userId: USER, ttlHours: 1, tags: ['fiml-perf'] };
  const created = await comparison.tool('create-analysis-session', session, createdSession(USER));
  const sessionId = textAt(created, 'session_id');
  await comparison.tool('list-sessions', { userId: USER, limit: 10 }, sessionList(USER));
  await comparison.tool('get-session-analytics', { userId: USER }, sessionAnalytics);
  if (sessionId === null) {
    for (const name of ['get-session-info', 'extend-session']) {
      comparison.skip(toolRoute(name), 'not asked: no session could be created');
    }
    return;
  }
  await comparison.tool('get-session-info', { sessionId }, sessionInfo(sessionId, USER));
  await comparison.tool('extend-session', { sessionId, hours: 1 }, extendedSession(sessionId));
}
