import { subscribe } from 'node:diagnostics_channel';

// Loaded into a server before its own program, which knows nothing of it: tells whoever started it, when asked, what CPU time
// the process has taken, and how long each request was handled since the last time it was asked.

/** What the server answers. */
export interface Seen {
  readonly cpuS: number;
  /** From the head of a request to the end of its answer, ms; empty unless `HANDLED` was set, since watching costs. */
  readonly handledMs: readonly number[];
}

/** Set to anything, it has requests watched. */
export const HANDLED = 'BENCH_HANDLED';

let handledMs: number[] = [];
if (process.env[HANDLED] !== undefined) {
  const startedMs = new WeakMap<object, number>();
  subscribe('http.server.request.start', (message) => {
    startedMs.set((message as { request: object }).request, performance.now());
  });
  subscribe('http.server.response.finish', (message) => {
    const started = startedMs.get((message as { request: object }).request);
    if (started !== undefined) handledMs.push(performance.now() - started);
  });
}

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const seen: Seen = { cpuS: (user + system) / 1e6, handledMs };
  process.send?.(seen);
  handledMs = [];
});
process.once('disconnect', () => process.exit());
