import { fullMarkdown, fullText, partText } from '../../../scripts/full/text';
import { FULL_FORM, type Full, type FullPart, fullSchema } from '../../../scripts/result/full';
import { fullPart } from '../../support/full';

const full: Full = {
  schema: 'fiml-perf/full',
  version: 1,
  id: '2026-11-24T10-00-00-full',
  createdAt: '2026-11-24T10:00:00.000Z',
  durationMs: 121_000,
  budgetMs: 130_000,
  verdict: 'FAIL',
  exitCode: 1,
  headline: '4 parts: 1 FAIL, 2 PASS, 1 NOT RUN',
  parts: [
    fullPart({}),
    fullPart({
      name: 'redis-slow',
      verdict: 'NOT RUN',
      countsAs: 'WARN',
      headline: 'it cannot be run here',
      reasons: ['it takes Toxiproxy'],
      folder: null,
      durationMs: 0,
    }),
    fullPart({
      name: 'spike',
      folder: 'spike',
      verdict: 'FAIL',
      countsAs: 'FAIL',
      exitCode: 1,
      headline: '1 of 4 required targets missed',
      reasons: ['Error rate: 20 % of <b>http</b>\n\u001b[31mred | cell'],
    }),
    fullPart({ name: 'peak', folder: 'peak', reasons: ['a reason beside a pass'] }),
  ],
};

test('a file of it is read again as it was', () => {
  expect(fullSchema.parse(JSON.parse(JSON.stringify(full)))).toEqual(full);
  expect({ schema: full.schema, version: full.version }).toEqual({
    schema: FULL_FORM.schema,
    version: FULL_FORM.version,
  });
});

test('the console shows the verdict, the worst part first in one line each, and why parts did not pass', () => {
  const lines = fullText(full, false).split('\n');
  expect(lines[1]).toBe('FAIL  full: 4 parts: 1 FAIL, 2 PASS, 1 NOT RUN; it took 2m 1s of 2m 10s');
  expect(lines.slice(4, 8).map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
    'spike | FAIL | 49s | 1 of 4 required targets missed',
    'redis-slow | NOT RUN | – | it cannot be run here',
    'smoke | PASS | 49s | all 11 required targets hold',
    'peak | PASS | 49s | all 11 required targets hold',
  ]);
  expect(lines.slice(8).join('\n').trim()).toBe(
    'spike: FAIL\n  - Error rate: 20 % of <b>http</b> [31mred | cell\n\nredis-slow: NOT RUN\n  - it takes Toxiproxy',
  );
});

test('colours are for those who want them', () => {
  expect(fullText(full, true)).toContain('\u001b[31mFAIL');
  expect(fullText(full, false)).not.toContain('\u001b');
});

test('the report has the same, with a link to the report of each part that was run', () => {
  const text = fullMarkdown(full);
  expect(text).toMatch(/^# FAIL: full performance suite\n\n4 parts: 1 FAIL/);
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  expect(rows.slice(1, 4)).toEqual([
    '| [spike](spike/report.md) | FAIL | 49s | 1 of 4 required targets missed |',
    '| redis-slow | NOT RUN | – | it cannot be run here |',
    '| [smoke](smoke/report.md) | PASS | 49s | all 11 required targets hold |',
  ]);
  expect(text).toContain('## spike: FAIL\n\n- Error rate: 20 % of &lt;b&gt;http&lt;/b&gt; \\[31mred \\| cell');
  expect(text).not.toContain('## peak');
});

test('a part is told in short when it is over', () => {
  expect(partText(full.parts[1] as FullPart, 1, 4)).toBe(
    'part 2 of 4, redis-slow: NOT RUN  it cannot be run here\n  - it takes Toxiproxy\n',
  );
});
