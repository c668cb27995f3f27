import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { archiveName } from '../../../scripts/setup/release';
import { isSupported, PINNED_VERSION, parseK6Version } from '../../../scripts/setup/version';

describe('parseK6Version', () => {
  it.each([
    ['k6 v2.2.0 (go1.26.8, linux/amd64)', '2.2.0'],
    ['k6 v2.2.0 (commit/devel, go1.25.12, linux/amd64)\nExtensions:\n  github.com/x/y v0.1.0', '2.2.0'],
    ['k6.exe v2.10.3 (go1.26.8, windows/amd64)', '2.10.3'],
  ])('reads %j', (output, version) => {
    expect(parseK6Version(output)).toBe(version);
  });

  it.each([
    '',
    'k6',
    'k6 2.2.0',
    'k6 v2.2',
    'xk6 v2.2.0',
    'usage: k6 v2.2.0',
    '\nk6 v2.2.0',
  ])('refuses %j', (output) => {
    expect(parseK6Version(output)).toBeUndefined();
  });
});

describe('isSupported', () => {
  it.each(['2.2.0', '2.2.9', '2.10.0', '2.99.1'])('accepts %s', (version) => {
    expect(isSupported(version)).toBe(true);
  });

  it.each(['2.1.9', '2.0.0', '1.9.9', '1.22.0', '3.0.0', '22.2.0', '0.2.2'])('refuses %s', (version) => {
    expect(isSupported(version)).toBe(false);
  });

  it('depends on major and minor only', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.nat(12), fc.nat(99), (major, minor, patch) => {
        expect(isSupported(`${major}.${minor}.${patch}`)).toBe(major === 2 && minor >= 2);
      }),
    );
  });
});

describe('the pinned version', () => {
  it('is one the suite supports', () => {
    expect(isSupported(PINNED_VERSION)).toBe(true);
  });

  it('is the one that tools/k6 builds', () => {
    const goMod = readFileSync(join(__dirname, '../../../tools/k6/go.mod'), 'utf8');
    expect(/go\.k6\.io\/k6\/v2 v(\S+)/.exec(goMod)?.[1]).toBe(PINNED_VERSION);
  });
});

describe('archiveName', () => {
  it.each([
    ['linux', 'x64', `k6-v${PINNED_VERSION}-linux-amd64.tar.gz`],
    ['linux', 'arm64', `k6-v${PINNED_VERSION}-linux-arm64.tar.gz`],
    ['darwin', 'arm64', `k6-v${PINNED_VERSION}-macos-arm64.zip`],
    ['win32', 'x64', `k6-v${PINNED_VERSION}-windows-amd64.zip`],
    ['linux', 'riscv64', undefined],
    ['aix', 'ppc64', undefined],
  ])('for %s on %s', (platform, arch, name) => {
    expect(archiveName(platform, arch)).toBe(name);
  });
});
