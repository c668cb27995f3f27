/**
 * Does something that Ctrl-C or SIGTERM brings to its end early, with what it has so far.
 *
 * @param work is told by the signal; a second Ctrl-C ends this process, for what hangs all the same.
 */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
