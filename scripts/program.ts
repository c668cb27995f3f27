import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config';
import { LimitsError } from '../thresholds';
import { UserError } from './errors';
import { EXIT_INTERRUPTED, EXIT_USAGE } from './exit-codes';
import { InterruptedError, SetupError } from './setup/errors';
import { suiteVersion } from './suite-version';

/** An error of the suite itself, as sysexits.h has it: no verdict, and nothing that the user can put right. */
const EXIT_INTERNAL = 70;

/**
 * Runs `fiml-perf` with the arguments of this process. What goes wrong is told, and decides the exit code.
 *
 * @param commands what it knows.
 * @param help what follows the list of commands in its own help.
 */
export function startProgram(commands: readonly (() => Command)[], help = ''): void {
  // Whoever reads only the first lines, as head does, closes the pipe: no reason to complain.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  program(commands, help)
    .parseAsync()
    .catch((error: unknown) => {
      process.exitCode = exitCodeOf(error);
    });
}

function program(commands: readonly (() => Command)[], help: string): Command {
  const command = new Command('fiml-perf')
    .description('Performance suite of a FIML server: runs k6 and says whether the server meets its targets.')
    .version(suiteVersion())
    // An option belongs to the command before it: `profile diff --out` is none of `profile`.
    .enablePositionalOptions()
    .addHelpText('after', help);
  for (const make of commands) command.addCommand(make());
  for (const each of withSubcommands(command)) {
    each.exitOverride().showHelpAfterError('(add --help for what there is)');
  }
  return command;
}

const withSubcommands = (command: Command): Command[] => [command, ...command.commands.flatMap(withSubcommands)];

/** Controls and marks that turn the direction of writing: messages repeat names that come from files. */
const UNSHOWABLE = /[\p{Cc}\p{Cf}]/gu;

/** What went wrong, for a person: a mistake of theirs has no stack trace, one of the suite's has. */
function exitCodeOf(error: unknown): number {
  const say = (lines: readonly string[]) =>
    process.stderr.write(lines.map((line) => `fiml-perf: ${line.replace(UNSHOWABLE, '')}\n`).join(''));
  // Commander has already said it.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof ConfigError || error instanceof LimitsError) {
    say(error.problems);
    return EXIT_USAGE;
  }
  if (error instanceof UserError) {
    say(error.message.split('\n'));
    return error.exitCode;
  }
  if (error instanceof SetupError || error instanceof InterruptedError) {
    say(error.message.split('\n'));
    return error instanceof InterruptedError ? EXIT_INTERRUPTED : EXIT_USAGE;
  }
  const stack = error instanceof Error ? (error.stack ?? '') : String(error);
  say(['this is a fault of the suite, not of yours:', ...stack.split('\n')]);
  return EXIT_INTERNAL;
}
