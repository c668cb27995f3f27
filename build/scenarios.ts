import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The scenarios of a repository, by name. */
export function scenarioNames(root: string): string[] {
  const folder = join(root, 'scenarios');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => basename(name, '.ts'))
    .sort();
}
