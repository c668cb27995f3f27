import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { OVERRIDES, type Override } from '../../../config';
import { judge } from '../../../scripts/judge';
import { render } from '../../../scripts/report';
import { reproduction } from '../../../scripts/report/reproduction';
import type { Run } from '../../../scripts/result/run';
import { evidence, withRun } from '../../support/evidence';
import { chaptersOf } from './markdown-reader';

const run = (change: Partial<Run> = {}): Run => ({ ...evidence().run, ...change });
const given = (options: Record<string, string>, source: 'environment' | 'default' = 'environment'): Run['options'] =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [name, { value, source }]));
const commandOf = (change: Partial<Run>): string => reproduction(run(change)).at(-1) ?? '';

const END = 'end-of-the-words';

/** The words that a shell makes of each command: of what it runs nothing but they are wanted. */
function wordsOf(...commands: readonly string[]): string[][] {
  const script = [`npx() { printf '%s\\0' "$@" ${END}; }`, ...commands].join('\n');
  const options = { encoding: 'utf8', env: { LC_ALL: 'C.UTF-8' } } as const;
  return execFileSync('bash', ['--noprofile', '--norc', '-c', script], options)
    .split(`${END}\0`)
    .slice(0, -1)
    .map((line) => line.split('\0').slice(0, -1));
}

test('takes the commit and the same command again', () => {
  expect(reproduction(run())).toEqual([
    'git checkout 0123456789abcdef0123456789abcdef01234567',
    'npx fiml-perf run load --profile smoke --target http://fiml.test:8000',
  ]);
});

test('names what was not the default, whatever it came from, and nothing that was', () => {
  const options: Run['options'] = {
    PERF_SEED: { value: '7', source: 'environment' },
    PERF_TIME_SCALE: { value: '0.3', source: 'command line' },
    PERF_MODEL: { value: 'open', source: 'default' },
    PERF_TLS_INSECURE: { value: 'true', source: 'environment' },
  };
  expect(commandOf({ options })).toBe(
    'npx fiml-perf run load --profile smoke --time-scale 0.3 --seed 7 --tls-insecure',
  );
  expect(commandOf({ options: given({ PERF_TLS_INSECURE: 'false' }) })).not.toContain('--tls-insecure');
});

test('leaves out where things lie on this machine, and how the run was watched', () => {
  const local = {
    PERF_RESULTS: '/home/me/results',
    PERF_K6: '/opt/k6',
    PERF_CACHE_DIR: '/tmp/c',
    PERF_LIVE: 'true',
    PERF_SEED: '7',
  };
  expect(commandOf({ options: given(local) })).toBe('npx fiml-perf run load --profile smoke --seed 7');
});

test('starts the embedded server again where it was the target', () => {
  const { target } = run();
  const embedded = { ...target, kind: 'embedded' as const, url: 'http://127.0.0.1:40143' };
  expect(commandOf({ target: embedded, options: {} })).toBe('npx fiml-perf run load --profile smoke');
  expect(commandOf({ target: embedded, options: given({ PERF_TARGET: 'http://127.0.0.1:1' }) })).not.toContain(
    '--target',
  );
});

test('says that the tree had changes, and nothing of a commit that is not known', () => {
  const { identity } = run();
  expect(reproduction(run({ identity: { ...identity, dirty: true } }))[0]).toMatch(/ {2}# plus changes$/);
  expect(reproduction(run({ identity: { ...identity, commit: null } }))).toHaveLength(1);
  expect(commandOf({ profile: null, options: {} })).toBe('npx fiml-perf run load');
});

test('holds no secret, and says which ones it needs', () => {
  const secrets = (OVERRIDES as readonly Override[]).filter(({ secret }) => secret).map(({ name }) => name);
  expect(secrets.length).toBeGreaterThan(0);
  // As if one had slipped into the file.
  const options = given(Object.fromEntries(secrets.map((name) => [name, `t0ken-of-${name}`])));
  const lines = reproduction(run({ options }));
  expect(lines.join('\n')).not.toContain('t0ken');
  expect(lines[1]).toBe(`# with ${secrets.join(', ')} in the environment`);
  expect(lines[2]).toBe('npx fiml-perf run load --profile smoke');
});

describe('a shell takes the command as it was given', () => {
  const commandWith = (value: string) => commandOf({ options: given({ PERF_ONLY: value }) });
  const wordsWith = (value: string) => ['fiml-perf', 'run', 'load', '--profile', 'smoke', '--only', value];

  test('whatever a value holds', () => {
    const values = [
      'plain',
      'two words',
      "it's",
      '"quoted"',
      '$(touch gone) `touch gone` $HOME',
      'a; rm -rf b && c | d > e < f & g',
      '*?[a]{b,c}~',
      '!history',
      '# no comment',
      'back\\slash\\',
      'new\nline\r\ntab\t',
      '\u001b[31mred\u0007',
      '\u202eturned\u2028\u200b',
      '```` ```',
      'é 🚀',
      '-',
      '',
      "$'x'",
    ];
    expect(wordsOf(...values.map(commandWith))).toEqual(values.map(wordsWith));
  });

  test('also where scenario, profile and commit are odd', () => {
    const odd = "x'; touch gone; '\n";
    const { identity } = run();
    const [checkout = ''] = reproduction(run({ identity: { ...identity, commit: odd } }));
    expect(wordsOf(commandOf({ scenario: odd, profile: odd, options: {} }), checkout.replace(/^git/, 'npx'))).toEqual([
      ['fiml-perf', 'run', odd, '--profile', odd],
      ['checkout', odd],
    ]);
  });

  test('and all of it is one line of characters that can be shown', () => {
    const text = fc.string({
      unit: fc.constantFrom(...'a \'"\\`$\n\r\t\u0001\u001b\u007f\u009b\u202e\u2028é🚀'),
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.array(text, { minLength: 5, maxLength: 5 }), (values) => {
        const commands = values.map(commandWith);
        for (const command of commands) expect(command).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(wordsOf(...commands)).toEqual(values.map(wordsWith));
      }),
      { numRuns: 10 },
    );
  });
});

test('stands in the report as code, which no value can end', () => {
  const value = '````\n```\n# heading\n';
  const measured = withRun(evidence(), () => ({ options: given({ PERF_ONLY: value }) }));
  const chapter = chaptersOf(render(measured, judge(measured)).markdown).get('How to reproduce') ?? '';
  const lines = chapter.split('\n');
  expect(lines).toHaveLength(4);
  expect([lines[0], lines[3]]).toEqual(['```sh', '```']);
  expect(wordsOf(lines[2] ?? '')[0]?.at(-1)).toBe(value);
});
