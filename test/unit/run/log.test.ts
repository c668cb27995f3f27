import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openK6Log, thrownIn } from '../../../scripts/run/log';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'));
  path = join(folder, 'k6.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const THROWN =
  'time="2026-11-24T09:18:55Z" level=error msg="TypeError: Cannot read property \\"a\\" of undefined\\n\\tat traffic (load.ts:70:3)\\n" executor=x scenario=traffic source=stacktrace';

test('counts iterations that threw, and keeps the first message without its line breaks', () => {
  const log = openK6Log(path, []);
  log.write(`${THROWN}\nlevel=info msg="fine"\n${THROWN}\n`);
  expect(log.end()).toEqual({
    thrownIterations: 2,
    firstThrown: 'TypeError: Cannot read property "a" of undefined at traffic (load.ts:70:3)',
    notes: [],
  });
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4);
});

test('finds a line that arrives in pieces, and the last one without a line break', () => {
  const log = openK6Log(path, []);
  for (const character of `${THROWN}\n${THROWN}`) log.write(character);
  expect(log.end().thrownIterations).toBe(2);
});

test('a secret that arrives in two pieces is still struck out', () => {
  const log = openK6Log(path, ['my-token']);
  log.write('Authorization: Bearer my-');
  log.write('token\n');
  log.end();
  expect(readFileSync(path, 'utf8')).toBe('Authorization: Bearer ***\n');
});

test('a script that throws all the time cannot fill the disk, and every throw is still counted', () => {
  const log = openK6Log(path, []);
  const line = `${THROWN} ${'x'.repeat(10_000)}\n`;
  for (let i = 0; i < 1500; i++) log.write(line);
  const { thrownIterations, notes } = log.end();
  expect(thrownIterations).toBe(1500);
  expect(notes[0]).toMatch(/cut after 10 MB/);
  expect(readFileSync(path).length).toBeLessThan(11e6);
});

test('finds what threw in a log that k6 wrote itself, without secrets', async () => {
  writeFileSync(path, `level=info msg="fine"\n${THROWN.replace('property', 'my-token')}\n${THROWN}\n`);
  expect(await thrownIn(path, ['my-token'])).toEqual({
    thrownIterations: 2,
    firstThrown: 'TypeError: Cannot read *** "a" of undefined at traffic (load.ts:70:3)',
  });
  await expect(thrownIn(join(folder, 'none'), [])).rejects.toThrow(/ENOENT/);
});

test('finds it in JSON as well, and says when messages alone cannot tell', async () => {
  writeFileSync(path, '{"level":"error","msg":"TypeError: a \\"b\\" c\\n\\tat d","source":"stacktrace","time":"x"}\n');
  expect(await thrownIn(path, [])).toEqual({ thrownIterations: 1, firstThrown: 'TypeError: a "b" c at d' });
  writeFileSync(path, 'TypeError: a\n');
  await expect(thrownIn(path, [])).rejects.toThrow(/--log-format raw/);
});
