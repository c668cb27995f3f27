import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isInstalled } from '../../scripts/setup/dependencies.js';
import { repository } from './cli';

/** A remote with this repository's files, as they are now, in one commit. */
export interface Origin {
  /** Of its one commit, the tip of `main`. */
  readonly base: string;
  readonly path: string;
  /** A commit on top of it in which files differ, as a clean clone of its own; the commit's name. */
  clone(path: string, changes?: Readonly<Record<string, (text: string) => string>>): string;
}

export const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid', ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();

/** @param folder for the remote. */
export function makeOrigin(folder: string): Origin {
  const sources = join(folder, 'sources');
  const path = join(folder, 'origin.git');
  // What runs in this checkout have left, and nobody has committed, is not the repository's.
  const files = ['ls-files', '--cached', '--others', '--exclude-standard', '--', '.', ':!history', ':!baselines'];
  for (const file of git(repository, ...files).split('\n')) {
    mkdirSync(dirname(join(sources, file)), { recursive: true });
    cpSync(join(repository, file), join(sources, file));
  }
  git(sources, 'init', '--quiet', '--initial-branch=main');
  git(sources, 'add', '--all');
  git(sources, 'commit', '--quiet', '--message', 'Begin');
  git(folder, 'clone', '--quiet', '--bare', sources, path);
  // Built once: each clone would do the same with the same sources.
  symlinkSync(join(repository, 'node_modules'), join(sources, 'node_modules'));
  execFileSync(process.execPath, ['-r', './build/register.js', 'build/index.ts'], { cwd: sources, stdio: 'pipe' });
  const template = join(folder, 'template');
  mkdirSync(join(template, 'hooks'), { recursive: true });
  // Git runs it in each clone and in each worktree of one. The bundles are newer than their sources then, as built there.
  writeFileSync(
    join(template, 'hooks', 'post-checkout'),
    `#!/bin/sh\n[ -e node_modules ] || { ln -s '${repository}/node_modules' . && cp -R '${sources}/dist' .; }\n`,
    { mode: 0o755 },
  );
  const laidOut = (target: string): void => {
    git(folder, 'clone', '--quiet', '--template', template, path, target);
    // Set-up would install anew, through the link into this repository's own packages.
    if (!isInstalled(target)) throw new Error('node_modules is not what make setup installs: run it');
  };
  return {
    base: git(path, 'rev-parse', 'main'),
    path,
    clone: (target, changes = {}) => {
      laidOut(target);
      for (const [file, change] of Object.entries(changes)) {
        const changedFile = join(target, file);
        const text = existsSync(changedFile) ? readFileSync(changedFile, 'utf8') : '';
        const changed = change(text);
        if (changed === text) throw new Error(`${file} has not what was to be changed`);
        mkdirSync(dirname(changedFile), { recursive: true });
        writeFileSync(changedFile, changed);
        git(target, 'add', '--force', file);
      }
      if (Object.keys(changes).length > 0) git(target, 'commit', '--quiet', '--message', 'Change');
      return git(target, 'rev-parse', 'HEAD');
    },
  };
}
