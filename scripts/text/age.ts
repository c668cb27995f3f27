import { plural } from './format';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `3 days`, `1 hour`, `20 minutes`: a length of time as people say an age. */
export function formatAge(ageMs: number): string {
  const unit = (lengthMs: number) => Math.floor(ageMs / lengthMs);
  if (ageMs >= 2 * DAY_MS) return plural(unit(DAY_MS), 'day');
  if (ageMs >= HOUR_MS) return plural(unit(HOUR_MS), 'hour');
  return plural(Math.max(0, unit(MINUTE_MS)), 'minute');
}
