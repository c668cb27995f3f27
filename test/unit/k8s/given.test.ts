import { UserError } from '../../../scripts/errors';
import { configMapData } from '../../../scripts/k8s/given';

const MEBIBYTE = 2 ** 20;

test('files of one mebibyte are taken, by their bytes and with their names', () => {
  const text = 'é'.repeat((MEBIBYTE - 'load.js'.length - 1) / 2);
  const files = { 'load.js': text };
  expect(configMapData(files)).toBe(files);
  expect(() => configMapData({ 'load.js': `${text}éé` })).toThrow(UserError);
});

test('what is larger is refused with its size, the largest file and what to do', () => {
  expect(() => configMapData({ 'load.js': 'x'.repeat(MEBIBYTE), 'limits.json': '{}' })).toThrow(
    /^the files of the run are 1 MB, and a ConfigMap holds 1 MiB at most; the largest is load\.js \(1 MB\)\n.*deploy\/Dockerfile.*--image$/,
  );
});
