/** Whether to colour what goes to standard output: on a terminal, unless NO_COLOR or FORCE_COLOR say otherwise. */
export function useColors(): boolean {
  if (process.env.NO_COLOR) return false;
  if (process.env.FORCE_COLOR) return process.env.FORCE_COLOR !== '0';
  return process.stdout.isTTY === true;
}
