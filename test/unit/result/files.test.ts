import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { mustBeWritable, readJson, writeJsonAtomically, writeTextAtomically } from '../../../scripts/result/files';
import { complaintOf } from '../../support/complaint';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const schema = z.object({ a: z.number(), b: z.string() });

it('reads back what it wrote, and leaves nothing else', () => {
  const path = join(folder, 'x.json');
  writeJsonAtomically(path, { a: 0, b: 'old' });
  writeJsonAtomically(path, { a: 1, b: 'é' });
  expect(readJson(path, schema, 'it')).toEqual({ a: 1, b: 'é' });
  expect(readdirSync(folder)).toEqual(['x.json']);
});

it('names the file and everything that is wrong', () => {
  const path = join(folder, 'x.json');
  writeFileSync(path, '{"a": "one"}');
  const message = complaintOf(() => readJson(path, schema, "the run's result"));
  expect(message).toContain(`${path}: the run's result`);
  expect(message).toMatch(/\n {2}a: .*\n {2}b: /);
  writeFileSync(path, '{"a": ');
  expect(complaintOf(() => readJson(path, schema, 'it'))).toMatch(/is not valid JSON/);
  expect(complaintOf(() => readJson(join(folder, 'none'), schema, 'it'))).toMatch(/there is no such file/);
  expect(complaintOf(() => readJson(folder, schema, 'it'))).toMatch(/it is a folder/);
});

it('a write that fails says why and leaves neither a temporary file nor a changed one', () => {
  mkdirSync(join(folder, 'x.json'));
  expect(complaintOf(() => writeTextAtomically(join(folder, 'x.json'), 'text'))).toMatch(/cannot be written/);
  expect(readdirSync(folder)).toEqual(['x.json']);
  expect(complaintOf(() => writeTextAtomically(join(folder, 'no', 'x'), 'text'))).toMatch(/its folder does not exist/);
  writeTextAtomically(join(folder, 'y'), 'text');
  expect(readFileSync(join(folder, 'y'), 'utf8')).toBe('text');
});

it('tells beforehand what a write would fail for, and leaves nothing', () => {
  const path = join(folder, 'x.json');
  writeFileSync(path, 'old');
  mustBeWritable(path);
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(() => mustBeWritable(join(folder, 'absent', 'x.json'))).toThrow(/its folder does not exist: make it first/);
  expect(() => mustBeWritable(join(path, 'x.json'))).toThrow(/a part of its path is a file/);
  expect(() => mustBeWritable(folder)).toThrow(/there is a folder of that name/);
  expect(readdirSync(folder)).toEqual(['x.json']);
});
