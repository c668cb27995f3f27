import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../../errors';

export type Runtime = 'python' | 'node' | 'native';

/** A process that can be profiled. */
export interface ServerProcess {
  readonly pid: number;
  readonly runtime: Runtime;
  /** Name of its program, without the path. */
  readonly program: string;
}

/**
 * Looks what runs a process.
 *
 * @throws UserError when there is no such process, it may not be looked at, or the system does not tell.
 */
export function processOf(pid: number): ServerProcess {
  if (process.platform !== 'linux') throw new UserError('processes are found and profiled on Linux only');
  let executable: string;
  try {
    executable = readlinkSync(`/proc/${pid}/exe`);
  } catch (error) {
    throw new UserError(whyNot(pid, (error as NodeJS.ErrnoException).code));
  }
  // The kernel says so of a program that has been replaced since.
  const program = basename(executable.replace(/ \(deleted\)$/, ''));
  return { pid, runtime: runtimeOf(program, mapsOf(pid)), program };
}

function whyNot(pid: number, code: string | undefined): string {
  return code === 'EACCES'
    ? `process ${pid} is another user's: run this as that user, or with sudo`
    : `there is no process ${pid} here: pgrep -af fiml.server finds a FIML server; one in a container has another id outside`;
}

/** @param maps what is mapped into it: servers such as uWSGI have Python as a library. */
export function runtimeOf(program: string, maps: string): Runtime {
  if (/^(python|pypy)[\d.]*(-dbg|t)?$/.test(program) || /\/libpython\d[^/]*\.so/.test(maps)) return 'python';
  return /^node(js)?$/.test(program) ? 'node' : 'native';
}

function mapsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8');
  } catch {
    return ''; // Needs more rights than the name of the program does.
  }
}
