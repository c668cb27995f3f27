import { withoutCredentials } from '../config';
import { type FimlRequest, health } from '../contract';
import type { Client } from './client';
import { refuseSegment, tellSegment } from './segment';
import type { Settings } from './settings';

const HEALTH_TRIES = 5;

/**
 * Before any load: is this a FIML server at all? Then sends what fills the cache. A server that is FIML and fails is measured like
 * any other; something else would give a report about nothing.
 *
 * @throws Error when the address does not answer as FIML, or this k6 carries a part of what cannot be divided; that ends k6
 *   with 107.
 */
export function prepare(settings: Settings, client: Client, fill: readonly FimlRequest[]): void {
  refuseSegment();
  prepareServer(settings, client, fill);
}

/** The same for a load that several k6 processes may share, each of which makes ready by itself. */
export function prepareSegment(settings: Settings, client: Client, fill: readonly FimlRequest[]): void {
  prepareServer(settings, client, fill);
  tellSegment(settings, client, fill);
}

function prepareServer(settings: Settings, client: Client, fill: readonly FimlRequest[]): void {
  let outcome = client.sendUncounted([health()])[0];
  // A server that fails now and then is FIML all the same.
  for (let tries = 1; tries < HEALTH_TRIES && outcome?.ok !== true; tries++) {
    outcome = client.sendUncounted([health()])[0];
  }
  if (outcome === undefined || !outcome.ok) {
    // The address may hold a password, and the message ends up in logs.
    throw new Error(
      `${withoutCredentials(settings.target)}/health does not answer as FIML does: ${outcome?.reason ?? 'no answer'}`,
    );
  }
  if (fill.length > 0) client.sendUncounted(fill);
}
