import { EXIT_INTERRUPTED } from '../exit-codes';

/**
 * Does something that Ctrl-C or SIGTERM brings to its end early, with what it has so far.
 *
 * @param work is told by the signal; a second Ctrl-C ends this process, for what hangs all the same.
 */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const interrupt = () => {
    // Left to the system, a second one would end this process before it could end those that it has started.
    if (interruption.signal.aborted) process.exit(EXIT_INTERRUPTED);
    interruption.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
