import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseChecksums, sha256 } from '../../../scripts/setup/checksums';

const A = 'a'.repeat(64);
const B = 'B'.repeat(64);

describe('parseChecksums', () => {
  it('reads text and binary entries, any line end, and lowers the digest', () => {
    const digests = parseChecksums(`${A}  k6-linux.tar.gz\r\n${B} *./k6 macos.zip\n`);
    expect([...digests]).toEqual([
      ['k6-linux.tar.gz', A],
      ['k6 macos.zip', B.toLowerCase()],
    ]);
  });

  it.each([
    '',
    '<html>404</html>',
    `${A.slice(1)}  short.tar.gz`,
    `${A}`,
    `${A}x  long.tar.gz`,
    `SHA256 (f) = ${A}`,
  ])('finds nothing in %j', (text) => {
    expect(parseChecksums(text).size).toBe(0);
  });
});

describe('sha256', () => {
  it('is the digest that sha256sum prints', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sha256-'));
    writeFileSync(join(folder, 'f'), 'abc');
    await expect(sha256(join(folder, 'f'))).resolves.toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    rmSync(folder, { recursive: true });
  });
});
