import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { comparisonSubject } from '../../../scripts/compare/subject';
import { UserError } from '../../../scripts/errors';
import { fullSubject } from '../../../scripts/full/subject';
import { judge } from '../../../scripts/judge';
import { render } from '../../../scripts/report';
import { commentText, SUMMARY_BYTES, summaryText } from '../../../scripts/report/github/digest';
import { fitted } from '../../../scripts/report/github/fit';
import { appendStepSummary } from '../../../scripts/report/github/step-summary';
import { combine, documentOf } from '../../../scripts/report/subject';
import { reportSchema } from '../../../scripts/result/report';
import { comparison, comparisonRow } from '../../support/comparison';
import { answered, evidence, evidenceOf, healthy, withRun } from '../../support/evidence';
import { fullOf, fullPart } from '../../support/full';
import { seenIn } from '../../support/markdown';

const reportOn = (measured: ReturnType<typeof evidence>) => render(measured, judge(measured));
const good = reportOn(evidence());
const bad = reportOn(evidence({ hotMs: Array(100).fill(300) }));
const blind = reportOn(withRun(evidence(), ({ k6 }) => ({ k6: { ...k6, thrownIterations: 3 } })));
const unchanged = comparisonSubject(
  comparison({ verdict: 'NO CHANGE', exitCode: 0, reasons: [], rows: [comparisonRow({ verdict: 'NO CHANGE' })] }),
);
/** A run of so many operations as nobody can read. */
const huge = reportOn(
  evidenceOf([
    ...healthy(),
    ...Array.from({ length: 1500 }, (_, i) => answered({ name: `operation-${i}`, op: 'price' }, [10])).flat(),
  ]),
);

describe('a comment', () => {
  test('begins with its mark, then the verdict, why, and what did not hold; the rest is folded', () => {
    const lines = commentText([bad]).split('\n');
    expect(lines[0]).toBe('<!-- fiml-perf -->');
    expect(lines[1]).toBe('### FAIL: load, profile smoke, 1m 6s on http://fiml.test:8000, FIML 0.4.1 (test)');
    expect(lines[3]).toBe('1 of 11 required targets missed.');
    expect(lines[5]).toMatch(/^- P95 latency, cached queries: 300 ms, must be below 200 ms/);
    const open = lines.slice(0, lines.indexOf('<details>'));
    expect(open.filter((line) => line.startsWith('| ')).slice(2)).toEqual([
      '| P95 latency, cached queries | FAIL | 300 ms | below 200 ms | 300 ms |',
    ]);
    const folded = seenIn(commentText([bad])).html.flatMap((one) => /<summary>(.*)<\/summary>/.exec(one)?.[1] ?? []);
    expect(folded[0]).toBe('Targets');
    expect(folded).toEqual(expect.arrayContaining(['Operations', 'Measurement', 'How to reproduce']));
    expect(folded).not.toContain('Executive summary');
  });

  test('is whole when it fits, and is cut, and says of what, when it does not', () => {
    expect(commentText([bad])).not.toContain('Cut, since');
    const text = commentText([huge]);
    expect(huge.markdown.length).toBeGreaterThan(100_000);
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text.length).toBeGreaterThan(50_000);
    expect(text).toMatch(
      /\nCut, since GitHub takes at most 65,536 characters here; not, or not all, of: Operations\. /,
    );
    // The slowest are first, and what comes after the long chapter is there.
    expect(text).toContain('<summary>How to reproduce</summary>');
    const { structure } = seenIn(text);
    expect(structure.match(/table_open/g)?.length).toBe(structure.match(/table_close/g)?.length);
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
  });

  test('has no link to a file that is not beside it', () => {
    const suite = fullSubject(fullOf(fullPart({ name: 'spike', folder: 'spike' })), 'nowhere');
    expect(suite.markdown).toContain('[spike](spike/report.md)');
    expect(commentText([suite])).not.toContain('](');
    expect(commentText([suite, good])).not.toContain('](');
  });
});

describe('several reports', () => {
  const all = [good, unchanged, blind, bad];

  test('are one verdict, the worst, in the order of the lattice', () => {
    const { verdict, exitCode, headline, subjects } = combine(all);
    expect({ verdict, exitCode, headline }).toEqual({
      verdict: 'FAIL',
      exitCode: 1,
      headline: '4 verdicts: 1 FAIL, 1 INVALID, 1 PASS, 1 NO CHANGE',
    });
    expect(subjects).toEqual([bad, blind, good, unchanged]);
    expect(combine([unchanged, good])).toMatchObject({ verdict: 'PASS', exitCode: 0 });
    expect(combine([blind, good])).toMatchObject({ verdict: 'INVALID', exitCode: 3 });
    const regressed = comparisonSubject(comparison());
    expect(combine([blind, regressed])).toMatchObject({ verdict: 'REGRESSED', exitCode: 1 });
  });

  test('have a line each, the worst first, then the reasons of those that have some, then each folded', () => {
    const text = summaryText(all);
    expect(text).toMatch(/^### FAIL: 4 verdicts: /);
    const rows = text
      .slice(0, text.indexOf('####'))
      .split('\n')
      .filter((line) => line.startsWith('| '));
    expect(rows.slice(1).map((row) => row.split(' | ')[0])).toEqual(['| FAIL', '| INVALID', '| PASS', '| NO CHANGE']);
    expect(text.match(/^#### .*$/gm)?.map((line) => line.split(':')[0])).toEqual(['#### FAIL', '#### INVALID']);
    expect(text.match(/<summary>\w+/g)).toEqual(['<summary>FAIL', '<summary>INVALID', '<summary>PASS', '<summary>NO']);
  });

  test('are one document; a single one is its own', () => {
    const document = reportSchema.parse(JSON.parse(JSON.stringify(documentOf(all))));
    expect(document).toMatchObject({ verdict: 'FAIL', exitCode: 1 });
    expect(document.parts.map((part) => part.document.verdict)).toEqual(['FAIL', 'INVALID', 'PASS', 'NO CHANGE']);
    expect(documentOf([good])).toBe(good.document);
  });
});

describe('what is put into a place', () => {
  const room = (most: number) => ({ most, sizeOf: (text: string) => text.length, inWords: 'little' });
  const rows = Array.from({ length: 200 }, (_, i) => `| row ${i} | ${'x'.repeat(80)} |`);
  const table = ['| a | b |', '|---|---|', ...rows].join('\n');

  test('ends with a whole row, and chapters after it may still fit', () => {
    const text = fitted(
      'head\n',
      [
        { title: 'long', body: table },
        { title: 'short', body: 'text' },
      ],
      room(9000),
    );
    expect(text.length).toBeLessThanOrEqual(9000);
    expect(text).toContain('| row 10 |');
    expect(text.match(/^\| row .*$/gm)?.every((line) => line.endsWith('x |'))).toBe(true);
    expect(text).toContain('of: long. ');
  });

  test('never ends within a block of code, nor with the head of a table', () => {
    const code = ['```sh', ...rows, '```'].join('\n');
    expect(fitted('head\n', [{ title: 'code', body: code }], room(9000))).not.toContain('```');
    const wide = `| a |\n|---|\n| ${'x'.repeat(9000)} |`;
    expect(fitted('head\n', [{ title: 'wide', body: wide }], room(9000))).not.toContain('| a |');
  });

  test('is nothing where there is no room', () => {
    expect(fitted('head\n', [{ title: 'long', body: table }], room(100))).toBe('');
  });
});

describe('the summary of a step', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'summary-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const path = () => join(folder, 'summary.md');

  test('is added to what is there', () => {
    writeFileSync(path(), 'before\n');
    appendStepSummary({ GITHUB_STEP_SUMMARY: path() }, [bad]);
    appendStepSummary({ GITHUB_STEP_SUMMARY: path() }, [good]);
    const text = readFileSync(path(), 'utf8');
    expect(text).toMatch(/^before\n### FAIL: /);
    expect(text).toMatch(/^### PASS: /m);
  });

  test('stays within what GitHub takes, with all that is there', () => {
    writeFileSync(path(), 'x'.repeat(SUMMARY_BYTES - 20_000));
    appendStepSummary({ GITHUB_STEP_SUMMARY: path() }, [huge]);
    const text = readFileSync(path());
    expect(text.length).toBeLessThanOrEqual(SUMMARY_BYTES);
    expect(text.toString().slice(-300)).toContain('Cut, since GitHub takes at most 1 MiB a step');
    for (const _ of [1, 2, 3]) appendStepSummary({ GITHUB_STEP_SUMMARY: path() }, [huge]);
    expect(readFileSync(path()).length).toBeLessThanOrEqual(SUMMARY_BYTES);
  });

  test('is written nowhere outside of GitHub Actions', () => {
    expect(() => appendStepSummary({}, [bad])).not.toThrow();
    expect(() => appendStepSummary({ GITHUB_STEP_SUMMARY: '' }, [bad])).not.toThrow();
  });

  test('that cannot be written is the user’s to know', () => {
    expect(() => appendStepSummary({ GITHUB_STEP_SUMMARY: join(folder, 'no', 'such') }, [bad])).toThrow(UserError);
  });
});
