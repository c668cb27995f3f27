import type { Command } from 'commander';
import { UserError } from '../errors';
import { VERDICTS, type VerdictWord } from '../result/verdict';

export interface VerdictFlags {
  readonly failOn?: string;
  readonly ci?: boolean;
}

/** The options of every command that ends in a verdict. */
export function addVerdictOptions(command: Command): void {
  command
    .option(
      '--fail-on <verdicts>',
      `verdicts that also end with exit code 1, separated by commas: ${VERDICTS.join(', ')}`,
    )
    .option('--ci', 'no colour and no progress; GitHub annotations for what failed; NO BASELINE fails');
}

/** @throws UserError for a word that is no verdict. */
export function readVerdictOptions({ failOn = '', ci = false }: VerdictFlags): { failOn: VerdictWord[]; ci: boolean } {
  const words = failOn
    .split(',')
    .map((word) => word.trim().toUpperCase())
    .filter((word) => word !== '');
  const unknown = words.filter((word) => !(VERDICTS as readonly string[]).includes(word));
  if (unknown.length > 0) {
    throw new UserError(`--fail-on: ${unknown.join(', ')} is no verdict; there are ${VERDICTS.join(', ')}`);
  }
  return { failOn: [...(words as VerdictWord[]), ...(ci ? (['NO BASELINE'] as const) : [])], ci };
}
