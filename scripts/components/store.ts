/** A cache of FIML's, reached directly, with entries of our own in it. */
export interface Store {
  /** As it calls itself: `Redis 7.0.15`. */
  readonly version: string;
  /** Without user name and password. */
  readonly address: string;
  /**
   * Reads one of its entries as the server reads its own.
   *
   * @param entry from 0 to {@link ENTRIES} − 1.
   * @throws Error when it is not there or the store does not answer.
   */
  read(entry: number): Promise<void>;
  /**
   * Removes the entries and disconnects; always to be called.
   *
   * @returns what it could not remove, in words; null when all is gone.
   */
  close(): Promise<string | null>;
}

/** Entries that are read in turn, as many symbols as a server's users may ask for at a time. */
export const ENTRIES = 16;
/** Longer than any measurement lasts; then a server, and Redis itself, take them for expired. */
export const TTL_S = 600;
/** Of a connection, and of a command: what the server waits for its Redis. */
export const TIMEOUT_MS = 5000;

/** What the server keeps of a price, in its own form. */
export const PRICE = {
  symbol: 'FIMLPERF',
  price: 100.0,
  change: -1.5,
  change_percent: -1.48,
  volume: 1_000_000,
  last_updated: '2026-01-01T12:00:00.334718+00:00',
  _source_provider: 'mock_provider',
  _confidence: 1.0,
} as const;

/** An address as it may be shown: a password may stand in it twice, before the host and among the parameters. */
export function shownAddress(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** What went wrong, in one line. */
export function problemOf(error: unknown): string {
  // A host with several addresses gives one error for each, and a message of its own to none of them.
  const causes = error instanceof AggregateError ? error.errors : [error];
  const messages = causes.map((cause) => (cause instanceof Error ? cause.message : String(cause)));
  return [...new Set(messages)].join('; ').split('\n')[0] ?? '';
}
