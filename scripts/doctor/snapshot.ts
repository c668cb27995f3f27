import { pageSamples } from '../../contract';
import type { TargetClient } from '../http';
import type { TargetSnapshot } from '../result/run';
import { healthOf } from './recognise';

/** Scrapes, each on its own connection: behind one address they may reach several workers. */
const SCRAPES = 6;
const START_TIME = 'process_start_time_seconds';
/** By name: the whole page grows by every path that was ever asked for. */
const START_TIME_PATH = `/metrics/?name%5B%5D=${START_TIME}`;

/**
 * What a server says of itself: version, environment, and the start times of the processes that were met behind its
 * address, in order; none where it does not tell.
 *
 * @returns null when it does not answer at all.
 */
export async function targetSnapshot(client: TargetClient): Promise<TargetSnapshot | null> {
  // Side by side, so that a server that is frozen costs one wait and not seven.
  const [health, ...pages] = await Promise.all([
    client.get('/health'),
    ...Array.from({ length: SCRAPES }, () => client.getAlone(START_TIME_PATH)),
  ]);
  if ([health, ...pages].every((reply) => 'problem' in reply)) return null;
  const about = healthOf(health);
  const starts = pages.flatMap((page) => ('problem' in page || page.status !== 200 ? [] : startTimesS(page.text)));
  return {
    atMs: Date.now(),
    version: about?.version ?? null,
    environment: about?.environment ?? null,
    startTimesS: [...new Set(starts)].sort((a, b) => a - b),
  };
}

const startTimesS = (page: string): number[] =>
  pageSamples(page).flatMap(({ name, value }) => (name === START_TIME ? [value] : []));
