import { UserError } from '../errors';

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
