import { basename, join } from 'node:path';
import { formatTime } from '../history/text';
import { makeFolder, mustBeWritable, writeTextAtomically } from '../result/files';
import { stamp } from '../run/folder';
import type { Findings } from './findings';
import { flameGraphSvg } from './flame-graph';
import { profileHtml } from './page';
import { summaryText } from './summary';

/** Named by the guide. */
export const FOLDER = 'profiling_results';

/** Where a profile's files go. */
export interface ProfileOutput {
  /** What is profiled, as it stands in names of files: a target, a process, `code`. */
  readonly subject: string;
  readonly startedAt: Date;
  /** For people, while it goes on. */
  say(line: string): void;
  /** `<folder>/<kind>_<subject>_<time>.<extension>`: a file that the mode writes itself, and that is listed at the end. */
  path(kind: string, extension: string): string;
  /** Those asked for so far. */
  readonly paths: readonly string[];
}

/**
 * Makes the folder and looks whether it can be written to, before what takes minutes to get what is to be in it.
 *
 * @throws UserError when it cannot.
 */
export function openOutput(
  folder: string,
  subject: string,
  startedAt: Date,
  say: (line: string) => void,
): ProfileOutput {
  makeFolder(folder);
  const paths: string[] = [];
  const time = stamp(startedAt);
  const path = (kind: string, extension: string): string => {
    const file = join(folder, `${kind}_${subject}_${time}.${extension}`);
    if (!paths.includes(file)) paths.push(file);
    return file;
  };
  mustBeWritable(join(folder, `summary_${subject}_${time}.txt`));
  return { subject, startedAt, say, path, paths };
}

/** Writes what was found, prints it, and sets the exit code. */
export function tellFindings(findings: Findings, output: ProfileOutput): void {
  process.stdout.write(`${writeFindings(findings, output)}\n${output.paths.join('\n')}\n`);
  process.exitCode = findings.exitCode;
}

/** Writes what every mode leaves: summary, page, and the flame graph where there is one. @returns the summary. */
function writeFindings(findings: Findings, output: ProfileOutput): string {
  const { kind, flameGraph } = findings;
  const title = `${kind} ${output.subject}, ${formatTime(output.startedAt.getTime())} UTC`;
  if (flameGraph !== null) writeTextAtomically(output.path(kind, 'svg'), flameGraphSvg(title, flameGraph));
  const page = output.path(kind, 'html');
  const summaryPath = output.path('summary', 'txt');
  const files = output.paths.map((path) => basename(path));
  writeTextAtomically(page, profileHtml(title, findings, files));
  const summary = summaryText(findings);
  writeTextAtomically(summaryPath, summary);
  return summary;
}
