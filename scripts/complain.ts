/** Says on standard error what went wrong, a line each, in the name of the command. */
export function complain(problems: readonly string[]): void {
  for (const problem of problems) process.stderr.write(`fiml-perf: ${problem}\n`);
}
