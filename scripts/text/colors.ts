/** Whether to colour what goes to a stream: on a terminal, unless NO_COLOR or FORCE_COLOR say otherwise. */
export function useColors({ isTTY }: Pick<NodeJS.WriteStream, 'isTTY'> = process.stdout): boolean {
  if (process.env.NO_COLOR) return false;
  if (process.env.FORCE_COLOR) return process.env.FORCE_COLOR !== '0';
  return isTTY === true;
}
