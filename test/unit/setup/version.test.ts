import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { isSupportedActionlint, parseActionlintVersion } from '../../../scripts/setup/actionlint';
import { ACTIONLINT_PROGRAM, K6_PROGRAM, KUBECONFORM_PROGRAM, TOXIPROXY_PROGRAM } from '../../../scripts/setup/program';
import { archiveName } from '../../../scripts/setup/release';
import { isSupportedToxiproxy, parseToxiproxyVersion } from '../../../scripts/setup/toxiproxy';
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

describe('of Toxiproxy', () => {
  it.each([
    ['toxiproxy-server version 2.12.0\n', '2.12.0'],
    ['toxiproxy-server version v2.9.0', '2.9.0'],
    ['toxiproxy-server version git', undefined],
    ['k6 v2.12.0', undefined],
  ])('%j is read as %s', (output, version) => {
    expect(parseToxiproxyVersion(output)).toBe(version);
  });

  it.each([
    ['2.5.0', true],
    ['2.12.0', true],
    ['2.4.9', false],
    ['3.0.0', false],
    ['1.9.0', false],
  ])('%s is supported: %s', (version, supported) => {
    expect(isSupportedToxiproxy(version)).toBe(supported);
  });
});

describe('of actionlint', () => {
  it.each([
    ['v1.7.12\ninstalled by building from source\nbuilt with go1.26.8 compiler for linux/amd64\n', '1.7.12'],
    ['1.8.0\ninstalled by downloading from release page\n', '1.8.0'],
    ['unknown\ninstalled by building from source\n', undefined],
    ['v2.2.0', undefined],
  ])('%j is read as %s', (output, version) => {
    expect(parseActionlintVersion(output)).toBe(version);
  });

  it.each([
    ['1.7.12', true],
    ['1.10.0', true],
    ['1.7.11', false],
    ['2.0.0', false],
  ])('%s is supported: %s', (version, supported) => {
    expect(isSupportedActionlint(version)).toBe(supported);
  });
});

describe('the pinned version', () => {
  it('is one the suite supports', () => {
    expect(isSupported(K6_PROGRAM.version)).toBe(true);
    expect(isSupportedToxiproxy(TOXIPROXY_PROGRAM.version)).toBe(true);
    expect(isSupportedActionlint(ACTIONLINT_PROGRAM.version)).toBe(true);
  });

  it.each([
    [K6_PROGRAM, 'go.k6.io/k6/v2'],
    [TOXIPROXY_PROGRAM, 'github.com/Shopify/toxiproxy/v2'],
    [KUBECONFORM_PROGRAM, 'github.com/yannh/kubeconform'],
    [ACTIONLINT_PROGRAM, 'github.com/rhysd/actionlint'],
  ])('is the one that its Go module builds', ({ name, version }, required) => {
    const goMod = readFileSync(join(__dirname, `../../../tools/${name}/go.mod`), 'utf8');
    expect(goMod).toContain(`\t${required} v${version} `);
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
