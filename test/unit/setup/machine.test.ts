import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cachedBinary, cacheFolder, openWorkspace, publish, sweepWorkspaces } from '../../../scripts/setup/cache';
import { dependenciesProblem } from '../../../scripts/setup/dependencies.js';
import { findOnPath } from '../../../scripts/setup/find';
import { K6_PROGRAM } from '../../../scripts/setup/program';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(path: string, text: string, mode = 0o644): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe('findOnPath', () => {
  it('takes the first that can be run, and no folder, no plain file, no relative entry', () => {
    mkdirSync(join(folder, 'a', 'k6'), { recursive: true });
    file(join(folder, 'b', 'k6'), '', 0o644);
    const wanted = file(join(folder, 'c', 'k6'), '', 0o755);
    file(join(folder, 'd', 'k6'), '', 0o755);
    const PATH = ['', '.', 'd', ...['a', 'b', 'c', 'd', 'none'].map((name) => join(folder, name))].join(delimiter);
    expect(findOnPath('k6', { PATH }, 'linux')).toBe(wanted);
  });

  it('adds .exe on Windows', () => {
    const wanted = file(join(folder, 'k6.exe'), '', 0o755);
    expect(findOnPath('k6', { PATH: folder }, 'win32')).toBe(wanted);
    expect(findOnPath('k6', { PATH: folder }, 'linux')).toBeUndefined();
  });

  it('finds nothing without PATH', () => {
    expect(findOnPath('k6', {}, 'linux')).toBeUndefined();
  });
});

describe('the cache', () => {
  it('is in the repository unless PERF_CACHE_DIR names another', () => {
    expect(cacheFolder('/repo', {}, 'k6')).toBe(join('/repo', '.cache', 'k6'));
    expect(cacheFolder('/repo', { PERF_CACHE_DIR: '' }, 'k6')).toBe(join('/repo', '.cache', 'k6'));
    expect(cacheFolder('/repo', { PERF_CACHE_DIR: '/elsewhere' }, 'k6')).toBe(join('/elsewhere', 'k6'));
  });

  it('keeps one binary a platform', () => {
    const names = [
      cachedBinary('c', K6_PROGRAM, 'linux', 'x64'),
      cachedBinary('c', K6_PROGRAM, 'linux', 'arm64'),
      cachedBinary('c', K6_PROGRAM, 'darwin', 'arm64'),
      cachedBinary('c', K6_PROGRAM, 'win32', 'x64'),
    ];
    expect(new Set(names).size).toBe(4);
    expect(names[3]).toMatch(/k6\.exe$/);
  });

  it('replaces a binary in one step', () => {
    const target = join(folder, 'v', 'k6');
    publish(file(join(folder, 'one'), '1'), target);
    publish(file(join(folder, 'two'), '2'), target);
    expect(readdirSync(join(folder, 'v'))).toEqual(['k6']);
    expect(existsSync(join(folder, 'two'))).toBe(false);
  });
});

describe('sweepWorkspaces', () => {
  const host = hostname().replace(/[^A-Za-z0-9.]/g, '_');
  /** A process that has certainly ended. */
  const deadPid = spawnSync(process.execPath, ['-e', '0']).pid;

  it('removes what a dead process of this host left, and leaves alone what is in use or not ours to judge', () => {
    const mine = openWorkspace(folder);
    mkdirSync(join(folder, `.tmp-${host}-${deadPid}-abcdef`));
    mkdirSync(join(folder, `.tmp-other.host-${deadPid}-abcdef`));
    mkdirSync(join(folder, '2.2.0-linux-x64'));
    sweepWorkspaces(folder);
    expect(readdirSync(folder).sort()).toEqual(
      [mine.slice(folder.length + 1), `.tmp-other.host-${deadPid}-abcdef`, '2.2.0-linux-x64'].sort(),
    );
  });

  it('removes what is older than any set-up, whoever made it', () => {
    const old = join(folder, `.tmp-other.host-${process.pid}-abcdef`);
    mkdirSync(old);
    const dayBefore = new Date(Date.now() - 25 * 3_600_000);
    utimesSync(old, dayBefore, dayBefore);
    sweepWorkspaces(folder);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has nothing to do where there is no cache', () => {
    expect(() => sweepWorkspaces(join(folder, 'none'))).not.toThrow();
  });
});

describe('dependenciesProblem', () => {
  const early = new Date('2026-01-01T00:00:00Z');
  const late = new Date('2026-01-02T00:00:00Z');

  function lay(installedAt: Date | undefined, lockedAt: Date): void {
    utimesSync(file(join(folder, 'package-lock.json'), '{}'), lockedAt, lockedAt);
    if (installedAt === undefined) return;
    const installed = file(join(folder, 'node_modules', '.package-lock.json'), '{}');
    utimesSync(installed, installedAt, installedAt);
  }

  it('says that nothing is installed', () => {
    lay(undefined, early);
    expect(dependenciesProblem(folder)).toBe('the npm dependencies are not installed');
  });

  it('accepts an npm ci by hand', () => {
    lay(late, early);
    expect(dependenciesProblem(folder)).toBeUndefined();
  });

  it('says that the lock file is newer', () => {
    lay(early, late);
    expect(dependenciesProblem(folder)).toBe('package-lock.json changed since the npm dependencies were installed');
  });

  it('believes the stamp over the date: a checkout dates every file anew', () => {
    lay(early, late);
    const digest = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'; // sha256 of {}
    const stamp = file(
      join(folder, 'node_modules', '.fiml-perf-setup'),
      `${digest} ${process.platform}-${process.arch}\n`,
    );
    expect(dependenciesProblem(folder)).toBeUndefined();
    writeFileSync(stamp, `${digest} other-platform\n`);
    expect(dependenciesProblem(folder)).toBeDefined();
  });
});
