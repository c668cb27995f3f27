import { type Command, Option } from 'commander';
import { OVERRIDES, type Override, type OverrideName } from '../../config';

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

/** Gives a command an option for each of them. */
export function addOverrideOptions(command: Command): void {
  for (const override of FLAGGED) {
    const value = override.type === 'flag' ? '' : ` <${override.type === 'duration' ? 'duration' : 'value'}>`;
    command.addOption(new Option(`${flagOf(override.name)}${value}`, override.meaning));
  }
}

/** Options of the command line as overrides: `--time-scale 0.5` is PERF_TIME_SCALE. */
export function overridesOf(flags: Readonly<Record<string, unknown>>): Partial<Record<OverrideName, string>> {
  const overrides: Record<string, string> = {};
  for (const { name } of FLAGGED) {
    const value = flags[camelCase(flagOf(name))];
    if (value !== undefined) overrides[name] = String(value);
  }
  return overrides;
}

/** How commander names an option's value. */
const camelCase = (flag: string): string =>
  flag.replace(/^--/, '').replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
