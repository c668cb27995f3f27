import { judge } from '../../../scripts/judge';
import { render } from '../../../scripts/report';
import { suiteHtml } from '../../../scripts/report/html';
import {
  COLORS,
  colorCss,
  HEAT,
  inPageColors,
  JUDGED_BAND,
  LINE,
  UNJUDGED_BAND,
} from '../../../scripts/report/html/colors';
import { inRows, logAxis } from '../../../scripts/report/html/figure';
import { inSlots, timeOf } from '../../../scripts/report/html/time';
import type { Evidence } from '../../../scripts/result/evidence';
import { BAD, BAD_BAND, FAINT, GOOD, INK, PAPER, SOFT, STRONG } from '../../../scripts/text/chart';
import { evidence, given, withResult } from '../../support/evidence';
import { largeRun } from '../../support/large-run';
import {
  broken,
  leaking,
  minuteOf,
  missed,
  pageWithHistory,
  pairPage,
  risen,
  suitePage,
} from '../../support/report-pages';

const plainPage = (measured: Evidence): string => render(measured, judge(measured)).html(null);
const count = (html: string, pattern: RegExp): number => html.match(pattern)?.length ?? 0;
const titles = (html: string): string[] =>
  [...html.matchAll(/<figcaption><strong>([^<]*)</g)].map(([, title = '']) => title);
const alts = (html: string): string[] =>
  [...html.matchAll(/role="img" aria-label="([^"]*)"/g)].map(([, alt = '']) => alt);
const rowsOf = (html: string, table: string): string[][] => {
  const found = given(html.split(`aria-label="${table}"`)[1]).split('</table>')[0] ?? '';
  return [...found.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = '']) => cell.replace(/<[^>]*>/g, '')),
  );
};

const failed = pageWithHistory(missed());

test('a page is one document with a heading of its own, chapters in the order of report.md, and labelled tables', () => {
  expect(failed).toMatch(/^<!DOCTYPE html>\n<html lang="en">/);
  expect(count(failed, /<h1>/g)).toBe(1);
  expect([...failed.matchAll(/<h2>([^<]*)</g)].map(([, title]) => title)).toEqual([
    'Targets',
    'Over time',
    'Cache performance',
    'Operations',
    'Errors by layer',
    'Bottlenecks',
    'Recommendations',
    'Next steps',
    'History',
    'Measurement',
    'Identity',
    'How to reproduce',
  ]);
  expect(count(failed, /<table>/g)).toBe(count(failed, /<thead>/g));
  expect(count(failed, /<th>/g)).toBe(0);
  expect(count(failed, /<div class="scroll" tabindex="0" role="region" aria-label="[^"]+">/g)).toBe(
    count(failed, /class="scroll"/g),
  );
});

test('it loads, links and runs nothing', () => {
  for (const html of [failed, pairPage(), suitePage()]) {
    expect(html.match(/<script|<img|<iframe|<form|@import|url\((?!#)|\bon\w+="/g)).toBeNull();
    expect(
      [...html.matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, address]) => address).filter((one) => one !== 'data:,'),
    ).toEqual(html.includes('spike/report.html') ? ['spike/report.html', 'smoke/report.html'] : []);
  }
});

test('the worst target comes first, each value beside its limit, both with their unit', () => {
  const rows = rowsOf(failed, 'Table of targets').slice(1);
  expect(rows[0]).toEqual([
    'P95 latency, cached queries',
    'FAIL',
    '336\u00a0ms',
    'below 200\u00a0ms',
    expect.any(String),
    expect.any(String),
    expect.any(String),
  ]);
  const words = rows.map(([, verdict]) => verdict);
  expect(words).toEqual(
    [...words].sort(
      (a, b) =>
        ['FAIL', 'INVALID', 'WARN', 'PASS'].indexOf(a ?? '') - ['FAIL', 'INVALID', 'WARN', 'PASS'].indexOf(b ?? ''),
    ),
  );
  for (const [title, , value, limit] of rows)
    expect({ title, value, limit }).toMatchObject({
      value: expect.stringMatching(/\d\u00a0(ms|%)$/),
      limit: expect.stringMatching(/^(below|above) [\d.]+\u00a0(ms|%)$/),
    });
});

describe('every plot says in numbers what is to be seen in it', () => {
  test('of a run that fails', () => {
    expect(titles(failed)).toEqual(
      expect.arrayContaining([
        'Latency, cached queries, over time',
        'Throughput: iterations a second',
        'How latencies are spread, over time',
        'Errors by layer, over time',
        'search-quick · price · hot',
      ]),
    );
    expect(alts(failed)).toHaveLength(titles(failed).length);
    for (const alt of alts(failed)) expect(alt).toMatch(/\d/);
    const [latency] = alts(failed);
    expect(latency).toMatch(/Phase steady: P50 279.ms, P95 336.ms/);
    expect(latency).toContain('Limit: P95 below 200\u00a0ms');
    expect(latency).toContain('Phases: warmup from 0\u00a0s to 5\u00a0s, steady from 5\u00a0s to 65\u00a0s');
    expect(alts(failed).find((alt) => alt.startsWith('Failed requests'))).toMatch(
      /by layer over time: data 60, at most \d within 1.s, at \d+.s; transport 20/,
    );
  });

  test('of a fault: when it was made and undone, which is drawn as well', () => {
    const html = plainPage(broken());
    expect(alts(html)[0]).toContain('At 20\u00a0s: fault made. At 35\u00a0s: undone. At 36\u00a0s: level back.');
    expect(html).toMatch(/>fault made<\/text>/);
    expect(html).toMatch(/>recovery<\/text>/);
  });

  test('of a breakpoint: its knee', () => {
    const html = plainPage(risen());
    expect(alts(html)[0]).toMatch(
      /^The capacity is 14\d.\/s: .*offered 14\d.\/s, carried out 14\d.\/s, P95 20\.\d.ms: holds; offered 15\d.\/s/,
    );
  });

  test('of a leak: first of all plots, with its trend, from what the suite has read of the process', () => {
    const html = plainPage(leaking());
    expect(titles(html)[0]).toBe('Memory of the server');
    expect(alts(html)[0]).toMatch(
      /its trend leads from 90.MB to 126.MB \(\+36.MB\).*It may grow by less than 5.%: to 95.MB/,
    );
  });

  test('of a history: where its level changed, for better or worse', () => {
    expect(alts(failed).find((alt) => alt.startsWith('Price queries, P95 of each run'))).toMatch(
      /Its level changed: worse by 15\.\d.% from 2026-11-13 10:00 UTC on \(confirmed\)/,
    );
    expect(failed).toContain('pool raised to 100');
  });

  test('of a comparison: both sides, with the interval', () => {
    const html = pairPage();
    expect(alts(html)[0]).toMatch(
      /All requests, typical latency: \+\d+\.\d.%, surely between \+\d+\.\d.% and \+\d+\.\d.%, REGRESSED/,
    );
    expect(alts(html).find((alt) => alt.includes('latency of search-quick'))).toMatch(
      /baseline: P50 [\d.]+.ms.*candidate: P50 [\d.]+.ms.*typical \+[\d.]+.% \(interval \+/,
    );
  });
});

test('slow requests are listed with what they asked for, where the result has any', () => {
  const kept = { name: 'search-quick', op: 'price', cache: 'hot', phase: 'steady', durationMs: 1500, subject: 'NVDA' };
  const measured = withResult(minuteOf(), ({ startMs }) => ({
    slowest: {
      version: 1,
      requests: 900,
      slowMs: 1000,
      slow: 1,
      kept: [{ ...kept, atMs: startMs + 5000, layer: null }],
    },
  }));
  const html = plainPage(measured);
  expect(rowsOf(html, 'Table of slow requests').slice(1)).toEqual([
    ['1.5\u00a0s', '6.0\u00a0s', 'steady', 'search-quick · price · hot', 'NVDA', '–'],
  ]);
  expect(plainPage(minuteOf())).not.toContain('Slow queries');
});

describe('what is not there is not drawn', () => {
  test('without samples, without a failure, without a history', () => {
    const healthy = minuteOf();
    expect(titles(plainPage({ ...healthy, result: null }))).toEqual([]);
    expect(titles(plainPage(healthy))).not.toContain('Errors by layer, over time');
    expect(plainPage(healthy)).toContain('No failed request was recorded in the judged phases.');
    expect(plainPage(healthy)).not.toContain('<h2>History');
  });

  test('nor what would be too much: the rest is counted', () => {
    const many = largeRun({ operations: 700, steadyMs: 20_000, requestsPerS: 100 });
    const html = plainPage(many);
    expect(titles(html).filter((title) => title.startsWith('operation-'))).toHaveLength(12);
    expect(html).toContain('12 of 700 operations are drawn, the slowest; the table has all.');
    expect(html).toContain('600 of 700 operations are listed, the slowest; result.json has all.');
    expect(rowsOf(html, 'Table of operations')).toHaveLength(601);
  });
});

test('names are escaped, in the page and in its drawings, and hold no control', () => {
  const name = '</svg>"><b onclick="x">&amp;\u202e\u0007{{x}}';
  const measured = withResult(missed(), ({ series }) => ({
    series: series.map((one) => ({
      ...one,
      tags: {
        ...one.tags,
        ...(one.tags.name === undefined ? {} : { name }),
        ...(one.tags.layer === undefined ? {} : { layer: name }),
      },
    })),
  }));
  const html = plainPage(measured);
  expect(html).toContain('&lt;/svg&gt;&quot;&gt;&lt;b onclick&#x3D;');
  for (const injected of ['<b ', '\u202e', '\u0007']) expect(html.includes(injected)).toBe(false);
  expect(count(html, /<svg /g)).toBe(count(html, /<\/svg>/g));
});

test('a suite links the page of each part that has one, and says of none that it has', () => {
  const html = suitePage();
  expect(
    rowsOf(html, 'Table of parts')
      .slice(1)
      .map(([name, verdict, took]) => [name, verdict, took]),
  ).toEqual([
    ['spike', 'FAIL', '49s'],
    ['network-reset', 'NOT RUN', '–'],
    ['smoke', 'PASS', '49s'],
  ]);
  expect(count(html, /<a /g)).toBe(2);
  const script = suiteHtml({
    title: 't',
    verdict: 'PASS',
    headline: 'h',
    about: [],
    parts: [{ name: '<i>', verdict: 'PASS', headline: '', reasons: [], href: '"><script>', took: '–' }],
  });
  expect(script).toContain('<a href="&quot;&gt;&lt;script&gt;">&lt;i&gt;</a>');
});

test('the same run makes the same page', () => {
  expect(pageWithHistory(missed()) === failed).toBe(true);
});

describe('the time of a run', () => {
  const of = (measured: Evidence, most?: number) => timeOf(measured.run, given(measured.result), null, most);

  test('is cut in slots of whole buckets, and no bucket is lost but those before the first', () => {
    const measured = evidence();
    const time = of(measured, 10);
    expect(time).toMatchObject({ slotMs: 7000, slots: 10, unit: 's' });
    const series = given(measured.result).series.filter(({ metric }) => metric === 'http_reqs');
    const sum = (buckets: readonly { count: number }[]) => buckets.reduce((total, one) => total + one.count, 0);
    expect(sum(inSlots(time, series).flat())).toBe(sum(series));
    const [first] = series;
    expect(inSlots(time, [{ ...given(first), buckets: [{ i: -1, count: 1, sum: 1, nonZero: 1 }] }]).flat()).toEqual([]);
  });

  test('is told in units that fit its length', () => {
    const lasting = (ms: number) => of(withResult(evidence(), ({ startMs }) => ({ endMs: startMs + ms }))).unit;
    expect([lasting(60_000), lasting(600_000), lasting(8 * 3_600_000)]).toEqual(['s', 'min', 'h']);
  });
});

test('labels that would be written over each other go to another row, or are left out', () => {
  const at = (left: number) => ({ left, width: 10 });
  expect(inRows([at(0), at(5), at(8), at(10)], 2)).toEqual([0, 1, null, 0]);
});

test('an axis of latencies spans whole powers of ten, whatever it is given', () => {
  expect(logAxis([3, null, 250])).toMatchObject({ min: 1, max: 1000 });
  expect(logAxis([10, 10])).toMatchObject({ min: 10, max: 100 });
  expect(logAxis([0, null, Number.POSITIVE_INFINITY])).toMatchObject({ min: 1, max: 1000 });
});

describe('colours', () => {
  const linear = (channel: number) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
  const luminance = (hex: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one: string, other: string) => {
    const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const inScheme = (light: string, dark: boolean) => {
    const [, , other] = given(COLORS.find(([color]) => color === light));
    return dark ? other : light;
  };

  test.each([
    ['light', false],
    ['dark', true],
  ])('of letters and lines can be told from what lies behind them, %s', (_, dark) => {
    const of = (color: string) => inScheme(color, dark);
    for (const ground of [PAPER, JUDGED_BAND, UNJUDGED_BAND, BAD_BAND]) {
      for (const letters of [INK, FAINT, BAD]) expect(contrast(of(letters), of(ground))).toBeGreaterThanOrEqual(4.5);
      for (const line of [...LINE, STRONG]) expect(contrast(of(line), of(ground))).toBeGreaterThanOrEqual(3);
    }
    for (const letters of [GOOD, LINE[1], LINE[4], LINE[0]])
      expect(contrast(of(letters), of(PAPER))).toBeGreaterThanOrEqual(4.5);
    for (const points of [SOFT]) expect(contrast(of(points), of(PAPER))).toBeGreaterThanOrEqual(2.9);
    expect(contrast(of(HEAT[4]), of(PAPER))).toBeGreaterThanOrEqual(4.5);
  });

  test('of a drawing are all the page’s own, each of which it declares', () => {
    for (const html of [failed, pairPage(), plainPage(risen()), plainPage(broken())]) {
      const drawings = [...html.matchAll(/<svg [\s\S]*?<\/svg>/g)].map(([svg]) =>
        svg.replace(/<clipPath[\s\S]*?<\/clipPath>/g, ''),
      );
      expect(drawings.join('').match(/(?:fill|stroke)="(?!var\(--[\w-]+\)"|none")[^"]*/g)).toBeNull();
      for (const [, name] of html.matchAll(/var\(--([\w-]+)\)/g)) expect(html.includes(`--${name}:`)).toBe(true);
    }
  });

  test('are another on a dark screen, and one that is not of the page is left alone', () => {
    expect(colorCss()).toMatch(
      /^:root\{color-scheme:light dark;--paper:#ffffff;.*@media screen and \(prefers-color-scheme:dark\)\{:root\{--paper:#15171c;/,
    );
    expect(inPageColors(`<a fill="${INK}" stroke="#123456">`)).toBe('<a fill="var(--ink)" stroke="#123456">');
  });
});
