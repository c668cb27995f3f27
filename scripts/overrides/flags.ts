import { OVERRIDES, type Override } from '../../config';

/** `--time-scale` for `PERF_TIME_SCALE`. */
export const flagOf = (name: string): string =>
  `--${name
    .replace(/^PERF_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`;

/** What commands tell k6, and nobody tells `run`. */
const SET_BY_COMMANDS: readonly string[] = ['PERF_SUMMARY', 'PERF_CANDIDATE'];

/**
 * The overrides that are options of `fiml-perf run` as well. Secrets are not: a command line can be read by every user of
 * the machine, and ends up in the shell's history.
 */
export const FLAGGED: readonly Override[] = (OVERRIDES as readonly Override[]).filter(
  ({ secret, name }) => !secret && !SET_BY_COMMANDS.includes(name),
);
