import { EXIT_USAGE } from './exit-codes';

/** Something the user can put right. The message is printed as it is, without a stack trace. */
export class UserError extends Error {
  override readonly name = 'UserError';

  constructor(
    message: string,
    readonly exitCode: number = EXIT_USAGE,
  ) {
    super(message);
  }
}
