import { UserError } from '../errors';
import { LOAD_NAMES, loadNamed } from './load';
import { type ProfileFlags, readPid } from './options';

/**
 * What a server is called in names of files: the load that is sent to it, or its process.
 *
 * @throws UserError when neither is named, or there is no such load.
 */
export function subjectOf(flags: ProfileFlags): string {
  const { target, url } = flags;
  if (target !== undefined) {
    loadNamed(target);
    return target;
  }
  const pid = readPid(flags);
  if (pid === null) {
    throw new UserError(
      `say what to profile: --target ${LOAD_NAMES.join('|')} sends that load to PERF_TARGET, or to an embedded server; ` +
        '--pid looks at a process under whatever load it has',
    );
  }
  if (url !== undefined) {
    throw new UserError('--url says where a load goes, and --target which: without a load leave it out');
  }
  return String(pid);
}
