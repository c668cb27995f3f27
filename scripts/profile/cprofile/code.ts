import { readFileSync } from 'node:fs';
import { UserError } from '../../errors';
import { readProblem } from '../../result/files';

/** A Python program. */
export interface Code {
  /** As tracebacks and profiles name it: the path of its file, or `<code>`, `<stdin>`. */
  readonly name: string;
  /** As it stands in its file: Python's own rules say how that is encoded. */
  readonly source: Buffer;
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
  const { name, source } = code === undefined ? readFile(codeFile) : { name: '<code>', source: Buffer.from(code) };
  if (source.toString().trim() === '') throw new UserError(`${name}: there is nothing to run in it`);
  return { name, source };
}

function readFile(path: string): Code {
  try {
    return path === '-'
      ? { name: '<stdin>', source: readFileSync(STDIN_FD) }
      : { name: path, source: readFileSync(path) };
  } catch (error) {
    throw new UserError(`--code-file ${path} cannot be read: ${readProblem(error)}`);
  }
}
