import { findOnPath } from '../../scripts/setup/find';
import { describeUnless } from './where';

/** A `describe` for tests that need programs of this machine. */
export const describeWithPrograms = (programs: readonly string[], name: string, fn: () => void): void =>
  describeUnless(
    programs.filter((program) => findOnPath(program, process.env, process.platform) === undefined),
    name,
    fn,
  );
