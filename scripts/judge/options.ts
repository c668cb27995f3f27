import type { Command } from 'commander';
import { UserError } from '../errors';
import { VERDICTS, type VerdictWord } from '../result/verdict';

export interface VerdictFlags {
  readonly failOn?: string;
  readonly ci?: boolean;
}

/** In CI a comparison without a baseline fails: it would stay green for as long as nobody makes one. */
const FAILS_IN_CI = 'NO BASELINE';

/**
 * The options of every command that ends in a verdict.
 *
 * @param words that the command can end with; by default those of a judged run.
 */
export function addVerdictOptions(command: Command, words: readonly string[] = VERDICTS): void {
  command
    .option('--fail-on <verdicts>', `verdicts that also end with exit code 1, separated by commas: ${words.join(', ')}`)
    .option('--ci', 'no colour and no progress; GitHub annotations and step summary; NO BASELINE fails');
}

/** @throws UserError for a word that is no verdict. */
export function readVerdictOptions(flags: VerdictFlags): { failOn: VerdictWord[]; ci: boolean };
export function readVerdictOptions<Word extends string>(
  flags: VerdictFlags,
  words: readonly Word[],
): { failOn: Word[]; ci: boolean };
export function readVerdictOptions(
  { failOn = '', ci = false }: VerdictFlags,
  words: readonly string[] = VERDICTS,
): { failOn: string[]; ci: boolean } {
  const given = failOn
    .split(',')
    .map((word) => word.trim().toUpperCase())
    .filter((word) => word !== '');
  const unknown = given.filter((word) => !words.includes(word));
  if (unknown.length > 0) {
    throw new UserError(`--fail-on: ${unknown.join(', ')} is no verdict; there are ${words.join(', ')}`);
  }
  return { failOn: ci && words.includes(FAILS_IN_CI) ? [...given, FAILS_IN_CI] : given, ci };
}
