/** Share of what was due that may be missing before a good value is no proof any more. */
export const MISSING_ALLOWED = 0.01;
/** Above this share of the CPU that k6 may use, what it measures is its own queue. */
export const CPU_CEILING = 0.85;
