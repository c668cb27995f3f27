import { complain } from '../complain';
import { UserError } from '../errors';
import { EXIT_OK, EXIT_USAGE } from '../exit-codes';

export interface CollectingWriter {
  (action: () => void): void;
  /** A sentence for everything that could not be written. */
  readonly problems: string[];
}

/** A verdict that was reached is told even when a full disk keeps it from being written. */
export function writerThatCollects(): CollectingWriter {
  const problems: string[] = [];
  const write = (action: () => void) => {
    try {
      action();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
    }
  };
  return Object.assign(write, { problems });
}

/**
 * Says what could not be written, and how a command then ends that would have ended with `reached`: a verdict that fails
 * stays what it is, and one that passes is no success without its files.
 */
export function endWithUnwritten({ problems }: CollectingWriter, reached: number): number {
  complain(problems);
  return reached === EXIT_OK && problems.length > 0 ? EXIT_USAGE : reached;
}
