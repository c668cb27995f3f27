import { execFileSync } from 'node:child_process';
import { pythonPackage } from './python-package';

/** It brings the schemas that it is asked for with it. */
export const checkJsonschema = (): Promise<string> => pythonPackage('check-jsonschema==0.39.0', 'check_jsonschema');

/**
 * Checks a YAML text.
 *
 * @param checker what {@link checkJsonschema} gave.
 * @param schema one of the checker's own, such as `compose-spec`.
 * @returns what it says. @throws when the text is not of that schema.
 */
export const checkSchema = (checker: string, schema: string, yaml: string): string =>
  execFileSync(
    'python3',
    ['-m', 'check_jsonschema', '--builtin-schema', `vendor.${schema}`, '--default-filetype', 'yaml', '-'],
    { env: { ...process.env, PYTHONPATH: checker }, input: yaml, encoding: 'utf8', stdio: 'pipe' },
  );
