import { readFileSync } from 'node:fs';
import type { Config } from '../../config';
import { UserError } from '../errors';

/**
 * The content of the user's limits file, or null when none was named.
 *
 * @throws UserError when it cannot be read.
 */
export function readLimits(config: Config): string | null {
  const path = config.PERF_THRESHOLDS;
  if (path === null) return null;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new UserError(`PERF_THRESHOLDS: ${path} ${why}`);
  }
}
