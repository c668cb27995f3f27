import { stripVTControlCharacters } from 'node:util';
import { judge } from '../../../scripts/judge';
import { render } from '../../../scripts/report';
import { annotations } from '../../../scripts/report/annotations';
import { markdown as escaped } from '../../../scripts/report/escape';
import type { Evidence } from '../../../scripts/result/evidence';
import type { Verdict } from '../../../scripts/result/verdict';
import { evidence } from '../../support/evidence';
import { HOSTILE, poisoned } from '../../support/hostile';
import { chaptersOf, proseOf, tablesIn } from './markdown-reader';

const reportOn = (measured: Evidence) => {
  const rendered = render(measured, judge(measured));
  return { markdown: rendered.markdown, text: rendered.console(false), colored: rendered.console(true) };
};

const innocent = reportOn(poisoned('innocent'));
const shapeOf = (markdown: string) => ({
  chapters: [...chaptersOf(markdown).keys()],
  headings: markdown.split('\n').filter((line) => /^#{1,6}(\s|$)/.test(line.replace(/^[-*+] /, ''))).length,
  tables: tablesIn(markdown).map((rows) => rows.map((cells) => cells.length)),
  lines: markdown.split('\n').length,
});

function expectHarmless(text: string, measured: Evidence, plainShape: ReturnType<typeof shapeOf>): void {
  const { markdown, text: shown, colored } = reportOn(measured);
  for (const output of [markdown, shown, stripVTControlCharacters(colored)]) {
    expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(output).not.toContain('undefined');
  }
  const prose = proseOf(markdown);
  expect(prose).not.toContain('<');
  expect(prose.replaceAll('&#8203;', '\u200b')).not.toMatch(/@(?!\u200b)/);
  expect(prose.replaceAll('&#8203;', '\u200b')).not.toMatch(/#\d/);
  expect(prose.replaceAll(/\\[\s\S]/g, '')).not.toMatch(/\]\(|[`~$]/);
  const shape = shapeOf(markdown);
  expect([text, shape.chapters]).toEqual([text, plainShape.chapters]);
  expect([text, shape.headings]).toEqual([text, plainShape.headings]);
  for (const rows of shape.tables) expect([text, new Set(rows).size]).toEqual([text, 1]);
  expect(shape.lines).toBe(plainShape.lines);
}

describe('whatever a name from outside holds', () => {
  const plainShape = shapeOf(innocent.markdown);
  const consoleLines = innocent.text.split('\n').length;

  test.each(HOSTILE.map((text) => [JSON.stringify(text).slice(0, 60), text]))('%s is shown as text', (_shown, text) => {
    expectHarmless(text, poisoned(text), plainShape);
    expect(reportOn(poisoned(text)).text.split('\n')).toHaveLength(consoleLines);
  });

  test('a reader finds it again', () => {
    const { markdown } = reportOn(poisoned('{{handlebars}} _a_b | <c>'));
    expect(markdown).toContain('{{handlebars}} \\_a_b \\| &lt;c&gt;');
  });
});

describe('Markdown’s own marks', () => {
  test.each([
    ['a|b', 'a\\|b'],
    ['a\\|b', 'a\\\\\\|b'],
    ['p95_cached', 'p95_cached'],
    ['_a_', '\\_a\\_'],
    ['a<b>&c', 'a&lt;b&gt;&amp;c'],
    ['a@b', 'a@&#8203;b'],
    ['see #1', 'see #&#8203;1'],
    ['# a', '\\# a'],
    ['## a', '\\## a'],
    ['#', '\\#'],
    ['- a', '\\- a'],
    ['---', '\\---'],
    ['+ a', '\\+ a'],
    ['1. a', '1\\. a'],
    ['12) a', '12\\) a'],
    ['1.5 a', '1.5 a'],
    ['+12 %', '+12 %'],
    ['-5 ms', '-5 ms'],
    ['a - b # c', 'a - b # c'],
    ['$x$', '\\$x\\$'],
    ['  a\tb\n', 'a b'],
  ])('%j becomes %j', (text, expected) => expect(escaped(text)).toBe(expected));
});

describe('annotations for the job', () => {
  const pass = judge(evidence({}, 'p95-cached'));
  const verdict = (change: Partial<Verdict>): Verdict => ({ ...pass, ...change });

  test('are an error for each reason of what fails, a warning of what does not', () => {
    const reasons = ['one', 'two'];
    expect(annotations(verdict({ verdict: 'FAIL', exitCode: 1, reasons }))).toBe(
      '::error title=fiml-perf FAIL::one\n::error title=fiml-perf FAIL::two\n',
    );
    expect(annotations(verdict({ verdict: 'INVALID', exitCode: 3, reasons }))).toMatch(
      /^::error title=fiml-perf INVALID::one$/m,
    );
    expect(annotations(verdict({ verdict: 'WARN', exitCode: 0, reasons }))).toMatch(
      /^::warning title=fiml-perf WARN::one$/m,
    );
    expect(annotations(verdict({ verdict: 'WARN', exitCode: 1, reasons }))).toMatch(
      /^::error title=fiml-perf WARN::two$/m,
    );
    expect(annotations(verdict({ reasons: [] }))).toBe('');
  });

  test('are one command a line, whatever a reason holds', () => {
    expect(annotations(verdict({ reasons: ['5 % of 7%0A', 'a\r\n::error::b\u001b[0m'] }))).toBe(
      '::warning title=fiml-perf PASS::5 %25 of 7%250A\n::warning title=fiml-perf PASS::a ::error::b [0m\n',
    );
    for (const text of HOSTILE) {
      const lines = annotations(verdict({ reasons: [text] })).split('\n');
      expect(lines).toHaveLength(2);
      expect(lines[0]).toMatch(/^::warning title=fiml-perf PASS::(?:[^%]|%25)*$/);
    }
  });
});
