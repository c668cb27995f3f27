import { formatDuration, parseDurationMs } from '../../config';
import { UserError } from '../errors';
import { FEWEST_REPLICATES } from './analyse';
import { ROUND_MS } from './index';

/** Shorter, and there would be too few independent observations to say anything. */
const SHORTEST_MS = 20_000;
export const SHORTEST_WITH_RESTARTS_MS = FEWEST_REPLICATES * ROUND_MS;
const LONGEST_MS = 3_600_000;

/**
 * Reads `--max-duration`, ms.
 *
 * @throws UserError for what is no duration, or too short or long to be meant.
 */
export function longestOf(maxDuration: string, restarts: boolean): number {
  const shortestMs = restarts ? SHORTEST_WITH_RESTARTS_MS : SHORTEST_MS;
  const durationMs = parseDurationMs(maxDuration);
  if (durationMs === null || durationMs < shortestMs || durationMs > LONGEST_MS) {
    const allowed = `from ${formatDuration(shortestMs)} ${restarts ? '(with restarts) ' : ''}to ${formatDuration(LONGEST_MS)}`;
    throw new UserError(`--max-duration must be a duration ${allowed}, such as 3m, not ${JSON.stringify(maxDuration)}`);
  }
  return durationMs;
}
