import { UserError } from '../../scripts/errors';
import { EXIT_USAGE } from '../../scripts/exit-codes';

/** What an action complains of to the user, as wrong usage. @throws when it does not. */
export function complaintOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).exitCode).toBe(EXIT_USAGE);
    return (error as UserError).message;
  }
  throw new Error('nothing was thrown');
}
