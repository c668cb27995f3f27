import type { Evidence } from '../../scripts/result/evidence';
import {
  evidenceOf,
  failing,
  given,
  healthy,
  NOTHING_SENT,
  STARTED_MS,
  targetsNamed,
  times,
  withResult,
  withRun,
} from './evidence';

/** Names that mean something to whatever shows or reads them. */
export const HOSTILE: readonly string[] = [
  'a | b || c',
  '\\| a \\',
  '`code` ``` ````',
  '<script>alert(1)</script>',
  '<!-- gone -->&lt;b&gt;',
  '\u001b[31mred\u001b[0m\u001b]0;title\u0007',
  '\u009b31mC1',
  'two\nlines\r\n## A heading\n| a | row |\n',
  '\rover\b\b\bwritten',
  '\u2028line\u2029paragraph',
  '\u202eright to left\u2066\u200f',
  '@octocat and octo@example.org',
  'fixes #123',
  '](http://example.org) [x](javascript:alert(1)) ![i](x)',
  '# heading',
  '### deeper heading',
  '- item',
  '1. item',
  '2) item',
  '+ item',
  '---',
  '*bold* _it_ __it__ ~~gone~~',
  '$a$ $`b`$',
  '{{handlebars}} {{{raw}}} {{#each}}',
  '<%= erb %> \u0024{js} $(sh)',
  '🚀👩‍👩‍👧‍👦 emoji',
  'x'.repeat(10_000),
  '@'.repeat(10_000),
  '|<'.repeat(5000),
  '::error::injected\n::set-output name=a::b',
  '%0A::warning::x',
  '::stop-commands::all',
  '  ::add-mask::a',
  'log ##[error]injected',
  ']]>',
  '</script></style></summary></details>',
  '</testcase></testsuite>',
  '\ud800',
  'half \udfff of one',
  '\uffff\ufffe\u{1ffff}',
  'zero\u200bwidth\u00ad\ufeff\u2060',
  'www.example.org GH-12',
  '```sh',
  '===',
  ':',
  '##',
  '    code',
  '> quote',
  '__proto__',
  'constructor',
  'toString',
  '\u0000\u0001',
  '',
  ' ',
];

/** The text in every place that is filled from outside. */
export function poisoned(text: string): Evidence {
  const tags = { name: text, op: text, cache: 'hot' };
  const plains = [
    ...healthy({ ...NOTHING_SENT, hotMs: times(60, 20), analysisMs: times(10, 500) }),
    ...failing({ count: 4, tags, layer: text, reason: text, status: '503', ms: 700 }),
    ...failing({ count: 40, tags: { ...tags, cache: 'cold' }, layer: text, reason: text }),
  ];
  const targets = targetsNamed('p95-cached', 'error-rate', 'cache-hit-rate').map((target) => ({
    ...target,
    title: text,
    source: text,
    unmeasurable: target.unmeasurable === null ? null : text,
  }));
  const measured = evidenceOf(
    plains.filter(({ metric }) => metric !== 'fiml_cache_hit_rate'),
    targets,
  );
  const odd = withRun(measured, ({ target, identity, k6, options }) => ({
    id: text,
    scenario: text,
    profile: text,
    notes: [text, text],
    options: { ...options, PERF_ONLY: { value: text, source: 'environment' } },
    target: {
      ...target,
      url: text,
      before: { ...given(target.before), version: text, environment: text },
      after: { ...given(target.after), version: `${text}!` },
    },
    identity: {
      ...identity,
      commit: text,
      suiteVersion: text,
      k6Version: text,
      nodeVersion: text,
      host: { ...identity.host, cpuModel: text, os: text },
    },
    k6: { ...k6, thrownIterations: 1, firstThrown: text, signal: text },
  }));
  const slow = { ...tags, phase: text, atMs: STARTED_MS, durationMs: 1500, subject: text, layer: text };
  return withResult(odd, ({ source }) => ({
    source: { ...source, rejected: [{ reason: text, count: 1, firstLine: 1 }] },
    slowest: { version: 1, requests: 60, slowMs: 1000, slow: 30, kept: times(3, slow) },
  }));
}

/** A run with an operation of each name, that fails for a reason of that name. */
export function poisonedBy(names: readonly string[]): Evidence {
  const fails = names.flatMap((text) =>
    failing({ count: 1, tags: { name: text, op: text }, layer: 'http', reason: text, status: '503', ms: 700 }),
  );
  return evidenceOf([...healthy(), ...fails], targetsNamed('p95-cached', 'error-rate'));
}

/** Stands in an example wherever a text from outside will be. */
export const OUTSIDE = 'OUTSIDE';

/** An example with a text in every place that is marked as being from outside. */
export function filled<T>(value: T, text: string): T {
  if (value === OUTSIDE) return text as T;
  if (Array.isArray(value)) return value.map((part) => filled(part, text)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, filled(part, text)])) as T;
}
