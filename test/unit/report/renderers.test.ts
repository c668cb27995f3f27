import fc from 'fast-check';
import { abText } from '../../../scripts/ab/text';
import { comparisonAnnotations } from '../../../scripts/compare/annotations';
import { consoleText } from '../../../scripts/compare/console';
import { comparisonSubject } from '../../../scripts/compare/subject';
import { comparisonView } from '../../../scripts/compare/view';
import { fullHtml } from '../../../scripts/full/page';
import { fullSubject } from '../../../scripts/full/subject';
import { fullText, partText } from '../../../scripts/full/text';
import { historyText } from '../../../scripts/history/text';
import { historyView } from '../../../scripts/history/trend';
import { judge } from '../../../scripts/judge';
import { type Rendered, render } from '../../../scripts/report';
import { annotations } from '../../../scripts/report/annotations';
import { FORMATS } from '../../../scripts/report/formats';
import { COMMENT_MARK } from '../../../scripts/report/github/digest';
import { comparisonHtml } from '../../../scripts/report/html';
import { slowOf } from '../../../scripts/report/slow';
import { documentOf, type Subject } from '../../../scripts/report/subject';
import { slowView } from '../../../scripts/report/view';
import type { Comparison } from '../../../scripts/result/comparison';
import type { Full } from '../../../scripts/result/full';
import type { SlowRequests } from '../../../scripts/result/slow';
import type { Verdict } from '../../../scripts/result/verdict';
import { slowText } from '../../../scripts/slow/text';
import { nameText, oneLine } from '../../../scripts/text/printable';
import { comparison, comparisonRow } from '../../support/comparison';
import { given, STARTED_MS } from '../../support/evidence';
import { fullOf, fullPart } from '../../support/full';
import { filled, HOSTILE, OUTSIDE, poisoned, poisonedBy } from '../../support/hostile';
import { schemaErrors, suitesIn } from '../../support/junit';
import { seenIn } from '../../support/markdown';
import { expectAtMost, expectLess, expectNo, expectSame } from '../../support/plainly';
import { measureOf, noisy, normals, observationOf } from '../history/series';

/** Everything that is rendered, with one text in every place that is filled from outside. */
interface Material {
  readonly text: string;
  readonly run: Rendered;
  readonly verdict: Verdict;
  readonly comparison: Comparison;
  readonly compared: Subject;
  readonly full: Full;
  readonly suite: Subject;
  readonly all: readonly Subject[];
  readonly history: ReturnType<typeof historyView>;
  readonly slow: SlowRequests;
}

const COMPARISON = comparison({
  scenario: OUTSIDE,
  profile: OUTSIDE,
  reasons: [OUTSIDE, OUTSIDE],
  baseline: side(0),
  candidate: side(1),
  accepted: [{ name: OUTSIDE, baseline: OUTSIDE, candidate: OUTSIDE }],
  onlyInBaseline: [OUTSIDE],
  onlyInCandidate: [OUTSIDE],
  warnings: [OUTSIDE],
  rows: (['REGRESSED', 'REGRESSED', 'INCONCLUSIVE', 'NO CHANGE'] as const).map((verdict, at) =>
    comparisonRow({ id: OUTSIDE, title: OUTSIDE, operation: OUTSIDE, note: OUTSIDE, verdict, gating: at % 2 === 0 }),
  ),
});

function side(at: number): Comparison['baseline'] {
  return { runs: [{ runId: OUTSIDE, startedAtMs: at, commit: OUTSIDE }], target: OUTSIDE, targetVersion: OUTSIDE };
}

const FULL = fullOf(
  fullPart({ name: OUTSIDE, headline: OUTSIDE, folder: OUTSIDE }),
  fullPart({
    name: OUTSIDE,
    headline: OUTSIDE,
    folder: null,
    verdict: 'NOT RUN',
    countsAs: 'INVALID',
    exitCode: 3,
    reasons: [OUTSIDE],
  }),
);

const HISTORY = historyView(
  OUTSIDE,
  {
    observations: noisy(normals(7), 24, 0.01, { 12: 1.5 }).map((value, hour) =>
      observationOf(hour, {
        runId: OUTSIDE,
        identity: {
          commit: OUTSIDE,
          dirty: true,
          target: OUTSIDE,
          targetVersion: OUTSIDE,
          suiteVersion: OUTSIDE,
        },
        measures: [measureOf(value, { id: OUTSIDE, title: OUTSIDE })],
      }),
    ),
    notes: [{ schema: 'fiml-perf/history-note', version: 1, atMs: observationOf(11).startedAtMs + 1, text: OUTSIDE }],
    problems: [],
  },
  null,
);

function materialOf(text: string): Material {
  const evidence = poisoned(text);
  const verdict = judge(evidence);
  const compared = filled(COMPARISON, text);
  const full = filled(FULL, text);
  const subjects = {
    run: render(evidence, verdict),
    compared: comparisonSubject(compared),
    suite: fullSubject(full, 'nowhere'),
  };
  return {
    text,
    verdict,
    comparison: compared,
    full,
    ...subjects,
    all: [subjects.run, subjects.compared, subjects.suite],
    history: filled(HISTORY, text),
    slow: given(given(evidence.result).slowest),
  };
}

/** The page of a run whose operations, failures and reasons are called so. */
function pageOf(names: readonly string[]): string {
  const evidence = poisonedBy(names);
  return render(evidence, judge(evidence)).html(null);
}

/** One form of one thing: what it makes of the material, and what must hold of that beside what it makes of a harmless name. */
interface Renderer {
  readonly name: string;
  readonly render: (material: Material) => string;
  /** Draws plots, which takes too long for all: it is shown the names that mean something to it, and a hundred a page below. */
  readonly isSlow?: boolean;
  readonly check: (output: string, harmless: string, material: Material) => void;
}

/** What is made of a harmless name is the same in each case. */
const results = new Map<unknown, Map<string, unknown>>();
function once<T>(make: (text: string) => T): (text: string) => T {
  const known = results.get(make) ?? new Map<string, unknown>();
  results.set(make, known);
  return (text) => {
    if (!known.has(text)) known.set(text, make(text));
    return known.get(text) as T;
  };
}

const MOST_CHARACTERS = 2500;
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u;

/** Lines on a terminal, which a CI's runner reads as well. */
function terminal(output: string, harmless: string): void {
  expectSame(output.split('\n').length, harmless.split('\n').length);
  expectNo(UNSHOWABLE, output.replaceAll('\n', ''));
  expectNo(/^[^\S\n]*::|##\[/m, output);
  expectNo(/\bundefined\b/, output);
}

/** The same markup as with a harmless name, nothing that GitHub would link a person or an issue by, and no endless text. */
function markdown(output: string, harmless: string, { text }: Material): void {
  const [seen, plain] = [seenIn(output), once(seenIn)(harmless)];
  expectNo(UNSHOWABLE, output.replaceAll('\n', ''));
  expectSame(seen.structure, plain.structure);
  // Only the text within a summary may differ.
  const elements = (html: readonly string[]) => html.join('\n').replace(/(?<=<summary>)[^<>\n]*/g, '');
  expectSame(elements(seen.html), elements(plain.html));
  const shown = [...seen.texts, ...seen.html].map((one) => one.replaceAll('&#8203;', '\u200b'));
  expectNo(/@(?!\u200b|$)|#\d|GH-\d/im, shown.join('\n'));
  const visible = shown.map((one) => one.replaceAll('\u200b', ''));
  expectLess(Math.max(...visible.map((one) => [...one].length)), MOST_CHARACTERS);
  // A reader finds it again, as it came.
  const name = nameText(text);
  expectSame(
    visible.some((one) => one.includes(name)),
    true,
  );
}

const mark = (output: string): void => expectSame(output.slice(0, COMMENT_MARK.length + 1), `${COMMENT_MARK}\n`);

/** Each line is one command, and names nothing but what it is meant to. */
function commands(output: string, harmless: string): void {
  const heads = (text: string) => text.split('\n').map((line) => line.slice(0, line.indexOf('::', 2)));
  expectSame(heads(output).join('\n'), heads(harmless).join('\n'));
  expectNo(UNSHOWABLE, output.replaceAll('\n', ''));
  const careless = (line: string) => !/^::(?:error|warning) title=fiml-perf [^:,]+::(?:[^%]|%25)*$/.test(line);
  expectSame(JSON.stringify(output.trimEnd().split('\n').filter(careless)), '[]');
  expectLess(Math.max(...output.split('\n').map(({ length }) => length)), 3 * MOST_CHARACTERS);
}

/** Validated by the schema all together: a validating parser takes a while to start. */
const documents: string[] = [];

function junit(output: string, harmless: string, { text }: Material): void {
  documents.push(output);
  const [suites, plain] = [suitesIn(output), once(suitesIn)(harmless)];
  const shape = (seen: typeof suites) =>
    JSON.stringify(seen.map(({ counts, cases }) => [counts, cases.map(({ outcome }) => outcome)]));
  expectSame(shape(suites), shape(plain));
  const cases = suites.flatMap((one) => one.cases);
  const name = nameText(text);
  if (name !== '')
    expectSame(
      cases.some((one) => one.name === name),
      true,
    );
  expectLess(Math.max(...cases.map((one) => one.text.length + one.name.length)), 2 * MOST_CHARACTERS);
}

/** The same elements with the same attributes around the plots, and in those nothing but shapes and text. */
function page(output: string, harmless: string): void {
  const plots = /<svg[\s\S]*?<\/svg>/g;
  const elements = (html: string) =>
    [...html.replace(plots, '').matchAll(/<!?\/?[a-z][^>]*>/gi)].map(([tag]) => tag.replace(/="[^"]*"/g, ''));
  expect(elements(output)).toEqual(elements(harmless));
  const drawn = [...output.matchAll(plots)].flatMap(([svg]) => [...svg.matchAll(/<\/?([a-z]+)([^>]*)>/gi)]);
  expect([...new Set(drawn.map(([, name]) => name))].filter((name) => !SHAPES.includes(given(name)))).toEqual([]);
  expect(drawn.filter(([, , attributes]) => /\s(?:on\w+|(?:xlink:)?href)=/i.test(given(attributes)))).toEqual([]);
}

const SHAPES = 'svg g path rect circle line polyline polygon text tspan title desc defs clipPath style'.split(' ');

function json(output: string, _harmless: string, { all }: Material): void {
  expectSame(output.indexOf('\n'), output.length - 1);
  // Names are kept as they are there, whatever they hold.
  expectSame(JSON.stringify(JSON.parse(output)), JSON.stringify(documentOf(all)));
}

const RENDERERS: readonly Renderer[] = [
  { name: 'console of a run', render: ({ run }) => run.console(false), check: terminal },
  {
    name: 'console of a comparison',
    render: (material) => consoleText(comparisonView(material.comparison), false),
    check: terminal,
  },
  { name: 'console of ab', render: (material) => abText(material.comparison, 60_000, false), check: terminal },
  { name: 'console of a full suite', render: ({ full }) => fullText(full, false), check: terminal },
  { name: 'a part of a full suite', render: ({ full }) => partText(given(full.parts[1]), 1, 2), check: terminal },
  {
    name: 'slow requests',
    render: ({ slow }) => slowText(slowView(slowOf(slow), STARTED_MS, 20)),
    check: terminal,
  },
  { name: 'history', render: ({ history }) => historyText(history), check: terminal },
  // It holds the report of each as it is.
  { name: 'report of all three', render: ({ all }) => FORMATS.markdown(all), check: markdown },
  { name: 'summary of a run', render: ({ run }) => FORMATS.github([run]), check: markdown },
  { name: 'summary of a comparison', render: ({ compared }) => FORMATS.github([compared]), check: markdown },
  {
    name: 'comment on a run',
    render: ({ run }) => FORMATS.comment([run]),
    check: (output, harmless, material) => {
      mark(output);
      expectAtMost(output.length, 65_536);
      // What is cut has another structure.
      if (!output.includes('\nCut, ')) markdown(output, harmless, material);
    },
  },
  { name: 'page of a run', render: ({ run }) => run.html(null), check: page, isSlow: true },
  {
    name: 'page of a comparison',
    render: (material) => comparisonHtml(material.comparison, comparisonView(material.comparison), []),
    check: page,
    isSlow: true,
  },
  { name: 'page of a full suite', render: ({ full }) => fullHtml(full), check: page, isSlow: true },
  { name: 'JUnit', render: ({ all }) => FORMATS.junit(all), check: junit },
  { name: 'JSON', render: ({ all }) => FORMATS.json(all), check: json },
  { name: 'annotations of a run', render: ({ verdict }) => annotations(verdict), check: commands },
  {
    name: 'annotations of a comparison',
    render: (material) => comparisonAnnotations(material.comparison),
    check: commands,
  },
];

const harmless = materialOf('harmless');
const plain = new Map(RENDERERS.map(({ name, render: make }) => [name, make(harmless)]));

function expectHarmless(text: string, renderers = RENDERERS): void {
  const material = materialOf(text);
  for (const { name, render: make, check } of renderers) {
    try {
      check(make(material), given(plain.get(name)), material);
      expectSame(JSON.stringify(Object.keys(Object.prototype)), '[]');
    } catch (error) {
      throw new Error(`${name} with ${JSON.stringify(text).slice(0, 200)}: ${(error as Error).message}`);
    }
  }
}

/** Markup, scripts, templates, the names of JavaScript's own properties, control characters, and what is too long. */
const MEANS_SOMETHING_TO_A_PAGE = /[<&{$\p{Cc}\p{Cf}\p{Cs}]|^__proto__$|^constructor$|^x{1000}/u;
const quick = RENDERERS.filter(({ isSlow }) => isSlow !== true);

test.each(HOSTILE.map((text) => [JSON.stringify(text).slice(0, 60), text]))('%s changes no form', (_shown, text) =>
  expectHarmless(text, MEANS_SOMETHING_TO_A_PAGE.test(text) ? RENDERERS : quick));

const CASES = 1000;
/** Any code units, halves of characters among them. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
  .map((codes) => String.fromCharCode(...codes));
const marks = fc.string({
  unit: fc.constantFrom(...'|\\`*_~<>&@#[](){}!$%-+=.:;/"\'^1aG \n\r\t\u001b\u202e\u200b\ufeff\ud800'),
  maxLength: 16,
});
const combined = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE.filter(({ length }) => length < 100)), marks), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join(''));

test('nothing that anybody could be called changes any form', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, marks, combined), (text) => expectHarmless(text, quick)),
    { numRuns: CASES },
  );
});

const NAMES_OF_A_PAGE = 100;

test('nor a page, of which each shows a hundred of them', () => {
  const plainPage = pageOf(Array.from({ length: NAMES_OF_A_PAGE }, (_, at) => `harmless ${at}`));
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.oneof(anyText, marks, combined), { minLength: NAMES_OF_A_PAGE, maxLength: NAMES_OF_A_PAGE }),
      (names) => page(pageOf(names), plainPage),
    ),
    { numRuns: CASES / NAMES_OF_A_PAGE, endOnFailure: true },
  );
});

test('and every JUnit file was as its schema wants it', async () => {
  expect(documents.length).toBeGreaterThanOrEqual(CASES + HOSTILE.length);
  const BATCH = 100;
  for (let at = 0; at < documents.length; at += BATCH) {
    expect(await schemaErrors(documents.slice(at, at + BATCH))).toEqual([]);
  }
});

test('a checker finds what a careless form would do', () => {
  const material = materialOf('a | b\n## c <b> @d ::error::e \u001b[31m');
  const careless = (inCell: (text: string) => string) => `| a |\n|---|\n| ${inCell(material.text)} |\n`;
  expect(() =>
    markdown(
      careless(String),
      careless(() => 'harmless'),
      material,
    ),
  ).toThrow();
  expect(() =>
    markdown(
      careless(() => '@d'),
      careless(() => 'harmless'),
      materialOf('@d'),
    ),
  ).toThrow();
  expect(() =>
    markdown(
      careless(() => 'x'.repeat(5000)),
      careless(() => 'harmless'),
      material,
    ),
  ).toThrow();
  expect(() => terminal('::error::e', 'harmless')).toThrow();
  expect(() => terminal('a ##[error]e', 'harmless')).toThrow();
  expect(() => terminal(oneLine('a\u202eb').replace('b', '\u202e'), 'harmless')).toThrow();
  expect(() => commands('::error title=fiml-perf a::b\n::error::c', '::error title=fiml-perf a::b')).toThrow();
  expect(() => commands('::error title=fiml-perf a,b::c', '::error title=fiml-perf a::c')).toThrow();
});
