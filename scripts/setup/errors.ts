import { isNativeError } from 'node:util/types';

/** One way of getting k6 that did not work, and why. */
export interface Attempt {
  /** The way: `PATH`, `cache`, `release` or `go`. */
  way: string;
  reason: string;
}

/** Set-up cannot go on for a reason that the user can do something about. The message is meant to be read as it is. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}

/** A single way failed; set-up may still find another. */
export class AttemptError extends Error {
  override readonly name = 'AttemptError';
}

/** Thrown when the caller's signal ended the set-up. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  constructor() {
    super('set-up was interrupted; nothing half done is left behind');
  }
}

/** The innermost message of an error: network libraries wrap the useful one as `cause`. */
export function rootCause(error: unknown): string {
  // Not by `instanceof`: Node's own errors are of another realm than code that a test runner loads.
  let current: unknown = error;
  while (isNativeError(current) && isNativeError(current.cause)) current = current.cause;
  if (isNativeError(current) && 'errors' in current && Array.isArray(current.errors) && current.errors.length > 0) {
    return rootCause(current.errors[0]);
  }
  return isNativeError(current) ? current.message : String(current);
}
