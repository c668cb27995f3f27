import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ingest } from '../../../scripts/ingest';
import { Largest, subjectIn } from '../../../scripts/ingest/slowest';
import { resultSchema } from '../../../scripts/result/result';
import { MOST_KEPT, type SlowRequests } from '../../../scripts/result/slow';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slowest-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function slowestOf(content: string): Promise<SlowRequests | undefined> {
  const path = join(folder, 'samples');
  writeFileSync(path, content);
  return resultSchema.parse(await ingest(path)).slowest;
}

const T0 = Date.parse('2026-11-24T10:00:00Z');
type Tags = Readonly<Record<string, string>>;
interface Sample {
  readonly metric: string;
  readonly atMs: number;
  readonly value: number;
  readonly tags: Tags;
  readonly metadata?: Tags;
}

const json = (samples: readonly Sample[]): string =>
  samples
    .map(({ metric, atMs, value, tags, metadata }) => {
      const data = { time: new Date(T0 + atMs).toISOString(), value, tags, ...(metadata && { metadata }) };
      return `${JSON.stringify({ metric, type: 'Point', data })}\n`;
    })
    .join('');

const pairs = (tags: Tags): string =>
  Object.entries(tags)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
/** As k6 writes it, with its script's own tags in one column. */
const csv = (samples: readonly Sample[]): string =>
  `metric_name,timestamp,metric_value,name,extra_tags,metadata\n${samples
    .map(({ metric, atMs, value, tags: { name = '', ...extra }, metadata = {} }) =>
      [metric, T0 + atMs, value, name, pairs(extra), pairs(metadata)].join(','),
    )
    .join('\n')}\n`;

const request = (value: number, tags: Tags = {}, atMs = 0): Sample => ({
  metric: 'http_req_duration',
  atMs,
  value,
  tags: { name: 'search-quick', op: 'price', phase: 'steady', ...tags },
});
const remark = (value: number, subject: string, tags: Tags = {}): Sample => ({
  ...request(value, tags),
  metric: 'fiml_slow',
  metadata: { subject: encodeURIComponent(subject) },
});

describe.each([
  ['JSON', json],
  ['CSV', csv],
])('out of %s', (_, form) => {
  it('each slow request has what its script said of it, and the others have nothing', async () => {
    const hostile = 'COMPARE A, "B" & subject=C | é\n';
    const slowest = await slowestOf(
      form([
        request(20),
        request(1500.25, { cache: 'hot', layer: 'unrelated' }, 700),
        remark(1500.25, 'NVDA', { cache: 'hot' }),
        request(2000, { name: 'dsl-sync', op: 'dsl' }),
        remark(2000, hostile, { name: 'dsl-sync', op: 'dsl', layer: 'inner' }),
        request(1000),
      ]),
    );
    expect(slowest).toMatchObject({ version: 1, requests: 4, slowMs: 1000, slow: 2 });
    expect(slowest?.kept).toEqual([
      expect.objectContaining({ name: 'dsl-sync', op: 'dsl', durationMs: 2000, subject: hostile, layer: 'inner' }),
      {
        name: 'search-quick',
        op: 'price',
        cache: 'hot',
        phase: 'steady',
        atMs: T0 + 700,
        durationMs: 1500.25,
        subject: 'NVDA',
        layer: null,
      },
      expect.objectContaining({ durationMs: 1000, subject: null, layer: null }),
      expect.objectContaining({ durationMs: 20, subject: null, layer: null }),
    ]);
  });

  it('a remark of another request is nobody else’s, and each is used once', async () => {
    const slowest = await slowestOf(
      form([
        request(1200),
        request(1200),
        request(1200, { phase: 'recovery' }),
        request(1300),
        remark(1200, 'FIRST'),
        remark(1200, 'SECOND'),
        remark(1201, 'NONE'),
      ]),
    );
    expect(slowest?.kept.map(({ durationMs, phase, subject }) => [durationMs, phase, subject])).toEqual([
      [1300, 'steady', null],
      [1200, 'steady', 'FIRST'],
      [1200, 'steady', 'SECOND'],
      [1200, 'recovery', null],
    ]);
  });

  it("the suite's own looks at the server are no requests of users", async () => {
    const slowest = await slowestOf(
      form([request(9000, { op: 'monitor', phase: '' }), request(9000, { op: 'control' }), request(5)]),
    );
    expect(slowest).toMatchObject({ requests: 1, slow: 0, kept: [{ durationMs: 5 }] });
  });

  it('a foreign script needs no phases', async () => {
    const slowest = await slowestOf(form([request(9000, { name: '', op: '', phase: '' })]));
    expect(slowest).toMatchObject({ requests: 1, slow: 1, kept: [{ name: '', op: '', phase: '', subject: null }] });
  });

  it('without a request there is no list', async () => {
    expect(await slowestOf(form([{ ...request(5), metric: 'iteration_duration' }]))).toBeUndefined();
  });

  it('a file that is cut in the middle of a remark keeps the requests', async () => {
    const whole = form([request(1200), remark(1200, 'NVDA')]);
    const slowest = await slowestOf(whole.slice(0, whole.indexOf('NVDA') + 2));
    expect(slowest?.kept).toEqual([expect.objectContaining({ durationMs: 1200, subject: null })]);
  });
});

it('keeps 1,000 and counts the rest', async () => {
  const values = Array.from({ length: 3 * MOST_KEPT }, (_, i) => ((i * 7919) % (3 * MOST_KEPT)) + 1);
  const slowest = await slowestOf(json(values.map((value) => request(value))));
  expect(slowest).toMatchObject({ requests: 3000, slow: 2000 });
  expect(slowest?.kept.map(({ durationMs }) => durationMs)).toEqual(
    Array.from({ length: MOST_KEPT }, (_, i) => 3000 - i),
  );
});

it('keeps what sorting all and taking the first would give, those that came first where some are equal', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fc.integer({ min: 0, max: 20 })), (most, values) => {
      const largest = new Largest<{ value: number; at: number }>(most);
      const items = values.map((value, at) => ({ value, at }));
      for (const item of items) if (largest.takes(item.value)) largest.add(item);
      expect(largest.list()).toEqual(items.sort((a, b) => b.value - a.value).slice(0, most));
    }),
    { numRuns: 2000 },
  );
});

it('remembers no more than twice what it keeps, however much it is given', () => {
  const largest = new Largest<{ value: number }>(10);
  for (let value = 0; value < 10_000; value++) {
    largest.add({ value });
    expect((largest as unknown as { items: unknown[] }).items.length).toBeLessThan(20);
  }
});

it.each([
  [undefined],
  [null],
  ['subject=NVDA'],
  [{}],
  [{ subject: 7 }],
  [{ subject: ['NVDA'] }],
  [{ subject: '%E0%A4' }],
  [{ subject: '100 %' }],
])('metadata that no script of the suite writes say nothing: %j', (metadata) => {
  expect(subjectIn(metadata)).toBeNull();
});

it('a subject of any length is kept short', () => {
  expect(subjectIn({ subject: 'x'.repeat(10_000) })?.length).toBeLessThan(1000);
});
