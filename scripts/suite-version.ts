import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root';

/** The suite's own version, as in `package.json`. */
export const suiteVersion = (): string =>
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
