/** Overrides of a run that gives every target its samples in as little time as that takes. */
export const FULL_LOAD = ['--rate', '100', '--spawn-rate', '200', '--duration', '19s'] as const;

/** Overrides of a run that is long enough to miss a target, not to prove one. */
export const SHORT_LOAD = ['--rate', '60', '--spawn-rate', '120', '--duration', '4s'] as const;
