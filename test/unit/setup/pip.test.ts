import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../scripts/errors';
import { installWithPip } from '../../../scripts/setup/pip';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pip-'));
  mkdirSync(join(folder, 'bin'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Installs with a python3 that does as told; in `$target` it has the folder that pip is to install into. */
function install(pip: string): Promise<void> {
  const python = `#!/bin/sh\nwhile [ "$1" != --target ]; do shift; done\ntarget=$2\nshift 2\n${pip}\n`;
  writeFileSync(join(folder, 'bin', 'python3'), python, { mode: 0o755 });
  return installWithPip(['one==1'], join(folder, 'packages', 'one'), 'proof', { PATH: join(folder, 'bin') });
}
const installed = (): string[] => readdirSync(join(folder, 'packages', 'one'));

test('what is installed is all that is there', async () => {
  await install('printf "%s" "$*" > "$target/proof"');
  expect(readdirSync(join(folder, 'packages'))).toEqual(['one']);
  expect(readFileSync(join(folder, 'packages', 'one', 'proof'), 'utf8')).toBe('one==1');
});

test('one that was done meanwhile is kept, for whoever is at work with it', async () => {
  await install(': > "$target/proof"; : > "$target/second"; mkdir "$target/../one"; : > "$target/../one/proof"');
  expect(installed()).toEqual(['proof']);
});

test('one that is damaged is replaced', async () => {
  mkdirSync(join(folder, 'packages', 'one', 'rest'), { recursive: true });
  await install(': > "$target/proof"');
  expect(installed()).toEqual(['proof']);
});

test('what pip says when it fails is told, and nothing looks installed', async () => {
  await expect(install(': > "$target/proof"; echo "no such version" >&2; exit 1')).rejects.toThrow(
    new UserError('pip could not install one==1: no such version'),
  );
  expect(readdirSync(join(folder, 'packages'))).toEqual([]);
});
