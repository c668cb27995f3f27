import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { overridesMarkdown } from '../../scripts/overrides/help';
import { cli, repository } from '../support/cli';

const text = (path: string): string => readFileSync(join(repository, path), 'utf8');
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(repository, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Everything that a page sets as code, a line each. */
const codeIn = (page: string): string[] =>
  [...text(page).matchAll(/```\w*\n([\s\S]*?)```|`([^`\n]+)`/g)]
    .flatMap(([, block, inline]) => (block ?? inline ?? '').split('\n'))
    .map((line) => line.replace(/\s#.*$/, '').trim());

const found = (pattern: RegExp): string[] => [
  ...new Set(PAGES.flatMap(codeIn).flatMap((line) => pattern.exec(line)?.[1] ?? [])),
];

test('the README has the overrides as they are', () => {
  const table = /<!-- overrides -->\n([\s\S]*)<!-- \/overrides -->/.exec(text('README.md'))?.[1];
  expect(table).toBe(overridesMarkdown());
});

test('every make target that a page names is in the Makefile', () => {
  const targets = new Set([...text('Makefile').matchAll(/^([a-z0-9-]+):/gm)].map(([, target]) => target));
  const named = found(/^make ([a-z0-9-]+)/);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((target) => !targets.has(target))).toEqual([]);
});

/** Asked for once: a page names the same command many times. */
const helps = new Map<string, ReturnType<typeof cli>>();
function helpOf(...command: readonly string[]): ReturnType<typeof cli> {
  const name = command.join(' ');
  const help = helps.get(name) ?? cli([...command, '--help']);
  helps.set(name, help);
  return help;
}

describe('every call of the command that a page names', () => {
  const calls = found(/^(?:npx )?fiml-perf (\w.*)$/);

  test('is found', () => expect(calls.length).toBeGreaterThan(10));

  test.each(calls)('exists: %s', async (call) => {
    const [command = '', ...words] = call.split(/\s+/);
    const { code, stdout } = await helpOf(...(command === 'ci' ? [command, ...words.slice(0, 1)] : [command]));
    expect(code).toBe(0);
    for (const word of words.filter((each) => each.startsWith('--'))) expect(stdout).toContain(word);
    const isRun = command === 'run' && words[0] !== undefined && !words[0].startsWith('<');
    if (!isRun && command !== 'full') return;
    const dry = words.includes('--dry-run') ? [] : ['--dry-run'];
    expect(await cli([command, ...words, ...dry])).toMatchObject({ code: 0, stderr: '' });
  });
});

test('every page that a page links to is there', () => {
  for (const page of PAGES) {
    for (const [, link = ''] of text(page).matchAll(/\]\(([^)#:]+)\)/g)) {
      expect(() => text(join(page, '..', link))).not.toThrow();
    }
  }
});
