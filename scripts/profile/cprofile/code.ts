import { readFileSync } from 'node:fs';
import { UserError } from '../../errors';
import { readProblem } from '../../result/files';

/** A Python program. */
export interface Code {
  /** As tracebacks and profiles name it: the path of its file, or `<code>`, `<stdin>`. */
  readonly name: string;
  readonly text: string;
}

export interface CodeFlags {
  readonly code?: string;
  readonly codeFile?: string;
}

const STDIN_FD = 0;

/** @throws UserError unless there is exactly one program. */
export function mustBeOneProgram({ code, codeFile }: CodeFlags): void {
  if ((code === undefined) === (codeFile === undefined)) {
    throw new UserError(
      `--mode cprofile takes ${code === undefined ? 'a program' : 'one program only'}: --code 'import …', --code-file FILE, or --code-file - for standard input`,
    );
  }
}

/** @throws UserError when there is no program, or it cannot be read. */
export function readCode({ code, codeFile = '-' }: CodeFlags): Code {
  const { name, text } = code === undefined ? readFile(codeFile) : { name: '<code>', text: code };
  if (text.trim() === '') throw new UserError(`${name}: there is nothing to run in it`);
  return { name, text };
}

function readFile(path: string): Code {
  try {
    return path === '-'
      ? { name: '<stdin>', text: readFileSync(STDIN_FD, 'utf8') }
      : { name: path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new UserError(`--code-file ${path} cannot be read: ${readProblem(error)}`);
  }
}
