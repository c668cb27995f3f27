import { UserError } from '../../../scripts/errors';
import { migrated } from '../../../scripts/result/versioned';

const form = {
  schema: 'a/form',
  version: 3,
  migrations: {
    1: (older: Record<string, unknown>) => ({ ...older, second: `from ${older.first}` }),
    2: ({ first, ...older }: Record<string, unknown>) => ({ ...older, third: first }),
  },
};

test('takes each version through every step to the current one', () => {
  expect(migrated({ schema: 'a/form', version: 1, first: 'x' }, form, 'f')).toEqual({
    schema: 'a/form',
    version: 3,
    second: 'from x',
    third: 'x',
  });
  expect(migrated({ schema: 'a/form', version: 2, first: 'x' }, form, 'f')).toEqual({
    schema: 'a/form',
    version: 3,
    third: 'x',
  });
});

test('leaves the current version as it is, and what is no such file to its schema', () => {
  for (const value of [
    { schema: 'a/form', version: 3 },
    { schema: 'b', version: 9 },
    { version: 1 },
    [],
    null,
    'x',
    1,
  ]) {
    expect(migrated(value, form, 'f')).toBe(value);
  }
  const wordy = { schema: 'a/form', version: 'four' };
  expect(migrated(wordy, form, 'f')).toBe(wordy);
});

test('refuses the future, and a past that nothing leads on from, by name', () => {
  const take = (version: number) => () => migrated({ schema: 'a/form', version }, form, 'the/file.json');
  expect(take(4)).toThrow(UserError);
  expect(take(4)).toThrow(/^the\/file\.json was written by a newer fiml-perf: its version is 4, .* up to 3; update/);
  expect(take(0)).toThrow(/^the\/file\.json has version 0, from which nothing leads to version 3: make the file anew/);
});
