import { Command, Option } from 'commander';
import { UserError } from '../errors';
import { diffCommand } from './diff/command';
import { MODES, type Mode } from './modes';
import type { ProfileFlags } from './options';
import { FOLDER, openOutput, tellFindings } from './output';

/** `fiml-perf profile`: where a server's time and memory go, under a load of ours or whatever it has. */
export function profileCommand(): Command {
  const command = new Command('profile')
    .description("show where a server's time goes, while a component's load is sent or under whatever it has")
    .addOption(
      new Option('--mode <mode>', MODES.map(({ name, about }) => `${name}: ${about}`).join('; '))
        .choices(MODES.map(({ name }) => name))
        .default(MODES[0].name),
    )
    .option('--out <folder>', 'where its files go', FOLDER);
  for (const option of new Set(MODES.flatMap(({ options }) => options))) command.addOption(option);
  command.enablePositionalOptions().addCommand(diffCommand());
  return command.action(async (flags: ProfileFlags & { mode: string; out: string }) => {
    const mode = MODES.find(({ name }) => name === flags.mode) ?? MODES[0];
    refuseForeign(command, mode);
    const output = openOutput(flags.out, mode.subject(flags), new Date(), (line) => process.stderr.write(`${line}\n`));
    const findings = await mode.run(flags, output, process.env);
    tellFindings(findings, output);
  });
}

/** An option that changes nothing would be taken for one that did. */
function refuseForeign(command: Command, mode: Mode): void {
  const foreign = command.options.filter(
    (option) =>
      MODES.some(({ options }) => options.includes(option)) &&
      !mode.options.includes(option) &&
      command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (foreign.length === 0) return;
  throw new UserError(
    foreign
      .map(({ long }) => {
        const owners = MODES.filter(({ options }) => options.some((one) => one.long === long)).map(({ name }) => name);
        return `${long} says nothing to --mode ${mode.name}; it belongs to ${owners.join(', ')}`;
      })
      .join('\n'),
  );
}
