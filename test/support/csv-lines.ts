import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { csvReader } from '../../scripts/ingest/csv';
import type { SampleSink } from '../../scripts/ingest/sample';
import type { Result, Series } from '../../scripts/result/result';

const HEADER = 'metric_name,timestamp,metric_value,name,status,extra_tags,metadata';

/** What the quick way may get wrong of a file: whose sample a line is, when it was, its value, and whether it is none. */
export interface Taken {
  readonly series: readonly Omit<Series, 'histogram' | 'buckets'>[];
  readonly rejected: Result['source']['rejected'];
}

export const takenIn = ({ series, source: { rejected } }: Result): Taken => ({
  series: series.map(({ histogram, buckets, ...whole }) => whole),
  rejected,
});

/** What the format's parser makes of a file that ends with a line end, a line after the other. */
export function parsedOneByOne(csv: Buffer): Taken {
  const all = new Map<string, Omit<Series, 'histogram' | 'buckets'>>();
  const rejected = new Map<string, { reason: string; count: number; firstLine: number }>();
  let line = 0;
  const sink: SampleSink = {
    metric: () => {},
    reject: (reason) => {
      const { count = 0, firstLine = line } = rejected.get(reason) ?? {};
      rejected.set(reason, { reason, count: count + 1, firstLine });
    },
    sample: (metric, _, tagsOf, timeMs, value) => {
      const tags = tagsOf();
      if (tags === null) return false;
      const key = metric + JSON.stringify(tags);
      const known = all.get(key);
      const isNewest = known === undefined || timeMs >= known.lastMs;
      all.set(key, {
        metric,
        tags,
        count: (known?.count ?? 0) + 1,
        sum: Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, (known?.sum ?? 0) + value)),
        min: known === undefined || value < known.min ? value : known.min,
        max: known === undefined || value > known.max ? value : known.max,
        last: isNewest ? value : known.last,
        nonZero: (known?.nonZero ?? 0) + (value === 0 ? 0 : 1),
        firstMs: Math.min(timeMs, known?.firstMs ?? timeMs),
        lastMs: isNewest ? timeMs : known.lastMs,
      });
      return true;
    },
  };
  const parse = csvReader(HEADER);
  for (let from = 0; from < csv.length; from = csv.indexOf(10, from) + 1) {
    const bytes = csv.subarray(from, csv.indexOf(10, from));
    line += 1;
    if (!isUtf8(bytes)) sink.reject('not UTF-8');
    else if (line > 1 && bytes.length > 0 && !bytes.equals(Buffer.from('\r'))) parse(bytes.toString('utf8'), sink);
  }
  return { series: [...all.values()], rejected: [...rejected.values()] };
}

/** Tags of a script, some of one length and of the same letters, and pairs of them that end alike. */
const own = fc.uniqueArray(
  fc.constantFrom(
    'op=price',
    'op=prcie',
    'op=x',
    'phase=steady',
    'phase=spike1',
    'cache=hot',
    'a=1',
    'b=1',
    'é=ü',
    'long=1234567890',
  ),
  { maxLength: 5, selector: (pair) => pair.split('=')[0] },
);
const value = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('0.000000', '1.000000', '12.345678', '-1.500000', '123456.789012') },
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 2_000_000_000 }).map((micros) => (micros / 1e6).toFixed(6)) },
  fc.constantFrom('', '1', '1e-7', '01', '1.', '.5', 'NaN', '0x1', '12345678901234567890.5', '1e999'),
  fc.constantFrom(
    '.500000',
    '007.000000',
    '1.2345678',
    '1.00000',
    '999999999.999999',
    '1234567890.123456',
    '-0.000001',
  ),
);
const time = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1_795_680_000, max: 1_795_680_003 }).map(String) },
  fc.constantFrom('1795680000123', '1795680000123456', '1795680000123456789', '', 'now', '2026-11-24T10:00:00Z'),
);
const BYTES = [0, 13, 0x22, 0x26, 0x2c, 0x30, 0x3d, 0x80, 0xc3];

/** Which of a file's few samples a line is, with which of its tags first, and what is done to it. */
const choice = fc.record({
  which: fc.nat(),
  first: fc.nat(),
  time,
  value,
  damage: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    fc.tuple(fc.nat(), fc.constantFrom(...BYTES), fc.boolean()),
  ),
});

/** A file of k6's CSV, whose lines are few different ones with their tags in any order; some have a byte more, or another. */
export const k6CsvLines = (most: number): fc.Arbitrary<Buffer> =>
  fc
    .record({
      kinds: fc.array(
        fc.record({
          metric: fc.constantFrom('http_reqs', 'http_req_duration', 'lat', 'm'),
          name: fc.constantFrom('', 'search-quick', 'health', '"a,b"'),
          own,
        }),
        { minLength: 1, maxLength: 4 },
      ),
      choices: fc.array(choice, { minLength: 1, maxLength: most, size: 'max' }),
    })
    .map(({ kinds, choices }) => {
      const lines = choices.map(({ which, first, time, value, damage }) => {
        const { metric, name, own } = kinds[which % kinds.length] as (typeof kinds)[number];
        const from = own.length === 0 ? 0 : first % own.length;
        const extra = [...own.slice(from), ...own.slice(0, from)].join('&');
        const line = Buffer.from(`${metric},${time},${value},${name},200,${extra},`);
        if (damage === null) return line;
        const [place, byte, isMore] = damage;
        const at = place % line.length;
        return Buffer.concat([line.subarray(0, at), Buffer.from([byte]), line.subarray(isMore ? at : at + 1)]);
      });
      return Buffer.concat(
        [Buffer.from(HEADER), ...lines, Buffer.alloc(0)].flatMap((line) => [line, Buffer.from('\n')]),
      );
    });
