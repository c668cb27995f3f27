import { judge } from '../../../scripts/judge';
import { breakpointOf } from '../../../scripts/judge/breakpoint';
import { type Rendered, render } from '../../../scripts/report';
import { knee } from '../../../scripts/report/knee';
import type { Evidence } from '../../../scripts/result/evidence';
import { evidence, given, withRun } from '../../support/evidence';
import { limitedTo, risingOn } from '../../support/rise';

const rendered = (of: Evidence): Rendered => render(of, judge(of));
const SENTENCE =
  /The capacity is 14\d \/s: all targets hold up to there, and not at 15\d \/s \(carried out 9\d\.\d+ %\)\./;

describe('the report of a rising load', () => {
  const report = rendered(risingOn({ server: limitedTo(150) }));

  test('says its capacity and tells every step, in each form', () => {
    for (const text of [report.markdown, report.console(false)]) {
      expect(text).toMatch(SENTENCE);
      expect(text).toMatch(/25 \/s.*25\.\d \/s.*20\.\d ms.*0\.00 %.*holds/);
      expect(text).toMatch(/500 \/s.*150 \/s.*carried out \d\d\.\d\d %/);
    }
  });

  test('links the picture of the knee, which has the same sentence', () => {
    expect(report.markdown).toContain('[breakpoint.svg](breakpoint.svg)');
    expect(report.knee).toMatch(/^<svg [\s\S]*<\/svg>/);
    expect(report.knee).toMatch(SENTENCE);
  });

  test('says no capacity when the run cannot tell one', () => {
    const killed = withRun(risingOn({ server: limitedTo(150) }), ({ k6 }) => ({ k6: { ...k6, signal: 'SIGKILL' } }));
    for (const text of [rendered(killed).markdown, rendered(killed).console(false)]) {
      expect(text).not.toMatch(SENTENCE);
      expect(text).toContain('says nothing about the server, and so nothing about its capacity');
    }
  });
});

test('a load that does not rise has no such chapter, and no picture', () => {
  const { markdown, knee: picture, console } = rendered(evidence());
  expect(picture).toBeNull();
  expect(markdown + console(false)).not.toMatch(/breakpoint|capacity/i);
});

test.each([
  ['breaks nothing', 10_000],
  ['breaks from the start', 10],
])('a load that %s is drawn as well, with and without a limit', (_, capacity) => {
  const { run, result } = risingOn({ server: limitedTo(capacity) });
  const found = given(breakpointOf(run, given(result)));
  expect(knee(found, { p95Ms: 500 })).toContain('limit');
  expect(knee(found, { p95Ms: null })).not.toContain('limit');
});
