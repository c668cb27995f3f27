/** The function that a virtual user calls in each iteration, made in its first one: most of them never come to it. */
export function lazily(make: () => () => void): () => void {
  let run: (() => void) | undefined;
  return () => {
    run ??= make();
    run();
  };
}
