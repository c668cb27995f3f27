import exec from 'k6/execution';
import { Trend } from 'k6/metrics';
import { createSession, extendSession, type FimlRequest, listSessions, type Outcome, sessionInfo } from '../contract';
import { LIST_SESSIONS_EVERY, SESSION_LOOKS } from '../profiles';
import type { Client } from './client';
import { HOT_EQUITIES } from './hot-symbols';
import { addObservations } from './observations';

const sessionDuration = new Trend('fiml_session_duration', true);

const SESSION = { series: 'session' };

/**
 * Makes a session, uses it, and extends it. It cannot be ended: it stays for the shortest life that a session can be given,
 * under a user of the suite's own.
 *
 * @param ordinal of the visit; some of them also list their user's sessions.
 */
export function visitSession(client: Client, ordinal: number): void {
  const userId = `fiml-perf-${exec.vu.idInTest}`;
  const made = ask(client, createSession([HOT_EQUITIES[ordinal % HOT_EQUITIES.length] as string], userId));
  // A server without its stores makes none; what is asked about none says nothing about sessions.
  if (!made.ok) return;
  const sessionId = String(made.value?.session_id);
  for (let look = 0; look < SESSION_LOOKS; look++) ask(client, sessionInfo(sessionId));
  ask(client, extendSession(sessionId));
  if (ordinal % LIST_SESSIONS_EVERY === 0) ask(client, listSessions(userId));
}

/** Times right answers only: a refusal says how fast the server gives up, and leaves the series empty where all refuse. */
function ask(client: Client, request: FimlRequest): Outcome {
  const { outcome, response } = client.send(request, 'session');
  if (outcome.ok) {
    sessionDuration.add(response.timings.duration);
    addObservations(1, SESSION);
  }
  return outcome;
}
