import fc from 'fast-check';

/** How v1 of k6 wrote texts, and v2 does. */
const escaped = (text: string): string =>
  text.replace(/[<>&é]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

const METRICS = [
  'http_req_duration',
  'http_req_waiting',
  'http_reqs',
  'http_req_failed',
  'fiml_slow',
  'lat',
  'a',
  'm"é',
];
const TYPES = ['counter', 'gauge', 'rate', 'trend', 'other'];
const TEXTS = [
  '',
  'a',
  'steady',
  'quick <&> é',
  'q"uo\\te',
  '{"a":{"b":"}}"}}',
  '","value":7,"tags":{',
  '\u0000',
  '\u2028 \u{1F600}',
  'x'.repeat(300),
];
const NUMBERS = [
  '0',
  '-0',
  '-0.0',
  '1',
  '25.194628',
  '0.1',
  '1e-7',
  '1e-07',
  '1E+2',
  '1e400',
  '1e-400',
  '-1e400',
  '123456789.123456',
  '1234567890.123456',
  '12345678901234567890',
  '0.30000000000000004',
  '9007199254740993',
  '999999999999999',
  '0.000000000000001',
  '5e-324',
  '1.7976931348623157e308',
  '01',
  '1.',
  '.5',
  '+1',
  '0x1',
  '--1',
  '1_0',
  'NaN',
  'null',
  '"1"',
  '',
];
const TIMES = [
  'Z',
  '.1Z',
  '.123456789Z',
  '.000000001Z',
  '.1234567890123456Z',
  '.5+02:00',
  '.5-00:30',
  '.Z',
  '',
  ' ',
  '.5z',
  '.5',
  '.5+0200',
];
const BYTES = [0, 9, 10, 13, 0x20, 0x22, 0x2c, 0x30, 0x5c, 0x7b, 0x7d, 0x7f, 0x80, 0xc3, 0xf0, 0xff];

const tags = fc.dictionary(
  fc.constantFrom('name', 'op', 'phase', 'status', 'é', 'value', 'constructor'),
  fc.constantFrom(...TEXTS),
  { maxKeys: 4, noNullPrototype: true },
);

const number = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 2_000_000_000 }).map((ns) => String(ns / 1e6)) },
  fc.constantFrom('0', '1'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);

/** Within ten minutes, a few of them before the others. */
const second = fc
  .integer({ min: -100, max: 480 })
  .map((s) => new Date(1_795_684_000_000 + s * 1000).toISOString().slice(0, 19));
const fraction = fc.oneof(
  { weight: 4, arbitrary: fc.nat(999_999_999).map((ns) => `.${String(ns).padStart(9, '0')}Z`) },
  fc.constantFrom('Z', '.5+05:30', '.25Z'),
);

/** A line that k6 would write for a sample, in the spelling of v1 or v2. */
const sample = fc
  .record({
    metric: fc.constantFrom(...METRICS),
    second,
    fraction,
    number,
    tags,
    isV1: fc.boolean(),
    isSlow: fc.boolean(),
  })
  .map(({ metric, second, fraction, number, tags, isV1, isSlow }) => {
    const metadata = isSlow ? `,"metadata":${JSON.stringify({ subject: 'A%20B' })}` : '';
    const sorted = isV1 ? tags : Object.fromEntries(Object.entries(tags).sort());
    const line = `{"metric":${JSON.stringify(metric)},"type":"Point","data":{"time":"${second}${fraction}","value":${number},"tags":${JSON.stringify(sorted)}${metadata}}}`;
    return isV1 ? escaped(line) : line;
  });

const definition = fc
  .tuple(fc.constantFrom(...METRICS), fc.constantFrom(...TYPES), fc.constantFrom('default', 'time', 'data', 'x'))
  .map(([name, type, contains]) => JSON.stringify({ type: 'Metric', data: { name, type, contains }, metric: name }));

/** Something done to a line of bytes at a place from 0 to 1 of it. */
type Mutation = (line: Buffer, at: number) => Buffer;

const spliced = (line: Buffer, from: number, to: number, by: Buffer | string): Buffer =>
  Buffer.concat([line.subarray(0, from), Buffer.from(by), line.subarray(to)]);

const replaced =
  (pattern: RegExp, by: string): Mutation =>
  (line) =>
    Buffer.from(
      line.toString('latin1').replace(pattern, () => Buffer.from(by).toString('latin1')),
      'latin1',
    );

const placed =
  (change: (line: Buffer, at: number) => Buffer): Mutation =>
  (line, at) =>
    change(line, Math.floor(at * line.length));

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.constantFrom(...BYTES).map((byte) => placed((line, at) => spliced(line, at, at, Buffer.from([byte])))),
  fc.constantFrom(...BYTES).map((byte) => placed((line, at) => spliced(line, at, at + 1, Buffer.from([byte])))),
  fc.nat(255).map((byte) => placed((line, at) => spliced(line, at, at + 1, Buffer.from([byte])))),
  fc.integer({ min: 1, max: 20 }).map((length) => placed((line, at) => spliced(line, at, at + length, ''))),
  fc
    .integer({ min: 1, max: 40 })
    .map((length) => placed((line, at) => spliced(line, at, at, line.subarray(at, at + length)))),
  fc.constantFrom(...NUMBERS).map((text) => replaced(/(?<="value":)[^,}]*/, text)),
  fc.constantFrom(...TIMES).map((text) => replaced(/(?<="time":"[^".]*)(\.|Z)[^"]*/, text)),
  fc.constantFrom(
    replaced(/\}\}$/, '},"metric":"twice"}'),
    replaced(/\}\}$/, ',"value":3}}'),
    replaced(/\}\}$/, ',"tags":{"op":"other"}}}'),
    replaced(/\}\}$/, '}} '),
    replaced(/\}\}$/, '}}\r'),
    replaced(/\}\}$/, '}}{}'),
    replaced(/"tags":\{/, '"tags":{"op":"x","op":"y",'),
    replaced(/"tags":\{/, '"tags":{"n":1,'),
    replaced(/"tags":\{/, '"tags":{"n":{"m":"}}"},'),
    replaced(/"tags":\{.*\}(?=\}\})/, '"tags":[]'),
    replaced(/"tags":\{.*\}(?=\}\})/, '"tags":null'),
    replaced(/,"tags":.*(?=\}\})/, ''),
    replaced(/:/, ': '),
    replaced(/"metric":"/, '"metric":"x","metric":"'),
    replaced(/"metric":"/, '"metric":"\\u0061'),
    replaced(/"Point"/, '"point"'),
    replaced(/^/, '\uFEFF'),
    replaced(/^/, ' '),
    replaced(/^(\{)("metric":"[^"]*"),(.*)\}$/, '[]'),
    (line: Buffer) => {
      const { metric, ...rest } = safely(line);
      return Buffer.from(JSON.stringify({ ...rest, metric }));
    },
  ),
);

/** What is no JSON is left as it is. */
function safely(line: Buffer): Record<string, unknown> {
  try {
    return { ...JSON.parse(line.toString('utf8')) };
  } catch {
    return { metric: 'none' };
  }
}

/** Of a file's lines: which of the few different ones it is, and what is done to it. */
const choice = fc.record({
  which: fc.nat(11),
  number,
  fraction,
  mutations: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.tuple(mutation, fc.double({ min: 0, max: 1, noNaN: true })), {
        minLength: 1,
        maxLength: 2,
      }),
    },
  ),
});

/** A file of k6's JSON, and how many of its lines are mutated. */
export interface Lines {
  readonly bytes: Buffer;
  readonly mutated: number;
}

/** Few different lines in each, so that most have come before when they come mutated; cut off at its end, sometimes. */
export const k6Lines = (most: number): fc.Arbitrary<Lines> =>
  fc
    .record({
      kinds: fc.array(fc.oneof({ weight: 6, arbitrary: sample }, definition), { minLength: 1, maxLength: 12 }),
      choices: fc.array(choice, { minLength: 1, maxLength: most, size: 'max' }),
      cut: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(250)),
    })
    .map(({ kinds, choices, cut }) => {
      let mutated = 0;
      const lines = choices.map(({ which, number, fraction, mutations }) => {
        let line = Buffer.from(
          (kinds[which % kinds.length] as string)
            .replace(/(?<="value":)[^,]*/, number)
            .replace(/(?<="time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)[^"]*/, fraction),
        );
        for (const [mutate, at] of mutations) line = mutate(line, at) as Buffer<ArrayBuffer>;
        if (mutations.length > 0) mutated += 1;
        return Buffer.concat([line, Buffer.from('\n')]);
      });
      const whole = Buffer.concat(lines);
      return { bytes: whole.subarray(0, Math.max(1, whole.length - cut)), mutated };
    });
