import { resolve } from 'node:path';

/**
 * The repository root. Source (`scripts/root.ts`) and bundle (`dist/cli.js`) both sit one folder below it, so that one
 * expression serves both and no environment variable has to be carried along.
 */
export const root: string = resolve(__dirname, '..');
