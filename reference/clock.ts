/** Time as the server sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(durationMs: number): Promise<void>;
}

/** As Python's models write a moment in UTC; `Z` in search answers, an offset everywhere else. */
export const isoTime = (atMs: number, zone: 'Z' | '+00:00' = '+00:00'): string =>
  `${new Date(atMs).toISOString().slice(0, -1)}000${zone}`;
