import { findingsOf } from '../../../scripts/profile/cprofile';
import { mustBeOneProgram, readCode } from '../../../scripts/profile/cprofile/code';
import type { CProfile } from '../../../scripts/profile/cprofile/run';

const FUNCTIONS = [
  { name: 'wait', file: '/srv/fiml/main.py', line: 3, calls: 1, selfMs: 10, totalMs: 100 },
  { name: 'hot', file: '/srv/fiml/cache/manager.py', line: 12, calls: 1200, selfMs: 60, totalMs: 70 },
  { name: 'get', file: '/v/lib/python3.11/site-packages/redis/client.py', line: 7, calls: 9, selfMs: 20, totalMs: 20 },
  { name: '<built-in method builtins.sum>', file: '~', line: 0, calls: 9, selfMs: 10, totalMs: 10 },
];
const profile = (more: Partial<CProfile> = {}): CProfile => ({
  end: 'done',
  durationMs: 120,
  python: { version: '3.11.7', path: '/usr/bin/python3' },
  functions: FUNCTIONS,
  stoppedBy: null,
  ...more,
});

describe('what cProfile measured', () => {
  const [self, total, packages] = findingsOf(profile(), '<code>').tables;

  test('is headed by the function that took the most time itself', () => {
    expect(findingsOf(profile(), '<code>').headline).toBe(
      '60 % of 100 ms went within hot (…/fiml/cache/manager.py:12)',
    );
  });

  test('is told by own time and by the time of all that was called, each in its order', () => {
    expect(self?.rows.map(([name]) => name?.split(' ')[0])).toEqual(['hot', 'get', 'wait', '<built-in']);
    expect(total?.rows.map(([name]) => name?.split(' ')[0])).toEqual(['wait', 'hot', 'get', '<built-in']);
    expect(self?.rows[0]).toEqual([
      'hot (…/fiml/cache/manager.py:12)',
      'own code',
      '1,200',
      '60.0 ms',
      '60.0 %',
      '70.0 ms',
    ]);
  });

  test('is shared out among packages without anything being lost', () => {
    expect(packages?.rows).toEqual([
      ['own code', '70.0 ms', '70.0 %'],
      ['redis', '20.0 ms', '20.0 %'],
      ['runtime', '10.0 ms', '10.0 %'],
    ]);
  });

  test.each([
    ['deadline', 'at the end of --duration'],
    ['interruption', 'by Ctrl-C'],
  ] as const)('of a program that was stopped says so: %s', (stoppedBy, words) => {
    expect(findingsOf(profile({ end: 'stopped', stoppedBy }), '<code>').headline).toMatch(
      new RegExp(`, stopped ${words}$`),
    );
  });

  test('of nothing has no shares of it', () => {
    expect(findingsOf(profile({ functions: [] }), '<code>').headline).toBe('<code> called nothing that cProfile sees');
  });
});

describe('the program', () => {
  test.each([
    [{}, /takes a program: --code/],
    [{ code: 'x', codeFile: 'y' }, /takes one program only/],
  ])('is exactly one: %j', (flags, complaint) => {
    expect(() => mustBeOneProgram(flags)).toThrow(complaint);
  });

  test('has something to run, and its file can be read', () => {
    expect(() => readCode({ code: ' \n' })).toThrow('<code>: there is nothing to run in it');
    expect(() => readCode({ codeFile: '/nowhere/x.py' })).toThrow(
      '--code-file /nowhere/x.py cannot be read: there is no such file',
    );
  });
});
