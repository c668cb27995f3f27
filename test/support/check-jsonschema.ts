import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repository } from './cli';

/** It brings the schemas that it is asked for with it. */
const CHECKER = 'check-jsonschema==0.39.0';
const folder = join(repository, '.cache', CHECKER.replace('==', '-'));

/** Installs it where it is missing, into a folder of its own: nothing of the machine's Python is changed. */
export function installCheckJsonschema(): void {
  if (existsSync(join(folder, 'check_jsonschema'))) return;
  mkdirSync(dirname(folder), { recursive: true });
  execFileSync('pip3', ['install', '--quiet', '--disable-pip-version-check', '--target', folder, CHECKER], {
    stdio: 'pipe',
  });
}

/**
 * Checks a YAML text.
 *
 * @param schema one of the checker's own, such as `compose-spec`.
 * @returns what it says. @throws when the text is not of that schema.
 */
export const checkSchema = (schema: string, yaml: string): string =>
  execFileSync(
    'python3',
    ['-m', 'check_jsonschema', '--builtin-schema', `vendor.${schema}`, '--default-filetype', 'yaml', '-'],
    { env: { ...process.env, PYTHONPATH: folder }, input: yaml, encoding: 'utf8', stdio: 'pipe' },
  );
