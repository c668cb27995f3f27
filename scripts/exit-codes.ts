/** Exit codes of the command; k6's own 97–110 are never reused. */
export const EXIT_OK = 0;
export const EXIT_FAIL = 1;
export const EXIT_USAGE = 2;
export const EXIT_INVALID = 3;
/** As a shell has it for what Ctrl-C ended. */
export const EXIT_INTERRUPTED = 130;
