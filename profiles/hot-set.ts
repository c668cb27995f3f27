/**
 * Which symbols are *known* to be cached at a moment.
 *
 * FIML's answers do not say hit or miss, a hit does not extend the TTL, and virtual users share no memory. So the hot
 * set is a timetable that every VU can compute: a slot is filled at a planned moment by the `refill` scenario with a
 * symbol that nobody asked for longer than the longest TTL (a certain miss, hence a fresh entry), and others ask for
 * it only from one lead later until 2 s before the entry can expire. A fill that comes late turns hot queries into
 * misses, which makes the target look worse, never better.
 */
export interface HotSet {
  /** Slots of one kind of symbol; each always has one hot symbol. */
  readonly slots: number;
  /** How long a slot keeps its symbol. */
  readonly windowMs: number;
  /** Between two fills. */
  readonly spacingMs: number;
}

export const EQUITY_SLOTS = 18;
export const COIN_SLOTS = 2;
export const HOT_SLOTS = EQUITY_SLOTS + COIN_SLOTS;
/**
 * Symbols that take turns in a slot: 8 windows of 7 s pass before one returns, longer than the off-hours TTL of 40 s. A TTL
 * of 7 s is the shortest with which that holds, and the least that `PERF_CACHE_TTL` takes.
 */
export const WINDOWS = 8;
/** From a fill's planned moment until its symbol counts as cached. */
export const FILL_LEAD_MS = 1000;
/** Distance that hot queries keep from the entry's end: clocks, queues and the request's own way. */
export const TTL_MARGIN_MS = 2000;

export function hotSet(cacheTtlMs: number): HotSet {
  const windowMs = cacheTtlMs - TTL_MARGIN_MS - FILL_LEAD_MS;
  return { slots: HOT_SLOTS, windowMs, spacingMs: windowMs / HOT_SLOTS };
}

/** The slot and window to fill `elapsedMs` after the start: fills are spaced evenly, so the server sees no burst. */
export function fillAt(set: HotSet, elapsedMs: number): { slot: number; window: number } {
  // The tick that is nearest, not the count of fills so far: a dropped fill must not shift all later ones.
  const tick = Math.round(elapsedMs / set.spacingMs);
  return { slot: tick % set.slots, window: Math.floor(tick / set.slots) };
}

/** The window whose symbol is hot in a slot `elapsedMs` after the start; −1, which setup fills, before the slot's first. */
export function hotWindow(set: HotSet, slot: number, elapsedMs: number): number {
  const windows = (elapsedMs - FILL_LEAD_MS - slot * set.spacingMs) / set.windowMs;
  // Rounded down without a call, which costs a virtual user a microsecond in each iteration.
  return windows < 0 ? -1 : windows | 0;
}
