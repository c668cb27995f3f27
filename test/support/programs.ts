import { findOnPath } from '../../scripts/setup/find';

/**
 * A `describe` for tests that need programs of this machine. Where one is not installed they are skipped, and say why; under
 * `CI=true` they fail instead, so that nobody takes a skipped test for a passed one.
 */
export function describeWithPrograms(programs: readonly string[], name: string, fn: () => void): void {
  const missing = programs.filter((program) => findOnPath(program, process.env, process.platform) === undefined);
  if (missing.length === 0) {
    describe(name, fn);
  } else if (process.env.CI === 'true') {
    describe(name, () => {
      test('has the programs that it needs', () => {
        throw new Error(`not installed: ${missing.join(', ')}`);
      });
    });
  } else {
    describe.skip(`${name} (not installed: ${missing.join(', ')})`, fn);
  }
}
