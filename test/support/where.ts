/**
 * A `describe` for tests that need what not every machine has. Where something is missing they are skipped, and say why; under
 * `CI=true` they fail instead, so that nobody takes a skipped test for a passed one.
 */
export function describeUnless(missing: readonly string[], name: string, fn: () => void): void {
  const why = `not installed: ${missing.join(', ')}`;
  if (missing.length === 0) {
    describe(name, fn);
  } else if (process.env.CI === 'true') {
    describe(name, () => {
      test('has what it needs', () => {
        throw new Error(why);
      });
    });
  } else {
    describe.skip(`${name} (${why})`, fn);
  }
}
