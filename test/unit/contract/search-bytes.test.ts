import fc from 'fast-check';
import { type Answer, classify, HOT_COINS, HOT_EQUITIES, NO_DATA_SOURCES } from '../../../contract';
import { searchLooksHealthy } from '../../../contract/search-bytes';
import {
  answered,
  Entries,
  envelopeOf,
  type Node,
  QUICK,
  type SearchExample,
  searchAnswer,
  searchText,
  Text,
  Token,
  toolBody,
  write,
} from './answers';

const passes = (answer: Answer, symbol: string, look: 'bytes' | 'full'): boolean =>
  classify(answer, { kind: 'search', symbol }, look).ok;

/**
 * The contract's own sentence on a correct check, decoded anew: status 200 AND `isError===false` AND `text` parses AND
 * inner status is not failed or error AND `cached.price>0 && cached.confidence>0` and source none of the three.
 */
function isCorrect({ status, body }: Answer): boolean {
  try {
    const envelope = JSON.parse(body ?? '') as { content: { text: string }[]; isError: unknown };
    const inner = JSON.parse(envelope.content[0]?.text ?? '') as {
      status: unknown;
      cached: { price: unknown; confidence: unknown; source: unknown };
    };
    const { price, confidence, source } = inner.cached;
    if (typeof price !== 'number' || typeof confidence !== 'number') return false;
    return (
      status === 200 &&
      envelope.isError === false &&
      inner.status !== 'failed' &&
      inner.status !== 'error' &&
      price > 0 &&
      confidence > 0 &&
      source !== 'unknown' &&
      source !== 'error' &&
      source !== 'compliance_blocked'
    );
  } catch {
    return false;
  }
}

const anyExample: fc.Arbitrary<SearchExample> = fc
  .record({
    kind: fc.constantFrom('equity', 'coin'),
    index: fc.nat(),
    depth: fc.constantFrom('quick', 'standard'),
    llm: fc.boolean(),
    source: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('mock_provider', 'yahoo_finance', 'coingecko', 'unknown_exchange') },
      { weight: 1, arbitrary: fc.constantFrom('unknown', 'error', 'compliance_blocked') },
    ),
  })
  .map(({ index, ...example }) => {
    const symbols = example.kind === 'equity' ? HOT_EQUITIES : HOT_COINS;
    return { ...example, symbol: symbols[index % symbols.length] ?? '' };
  });

const WORDS = [
  'pending',
  'failed',
  'error',
  'not_found',
  'cancelled',
  'unknown',
  'compliance_blocked',
  '',
  'AAPL',
  '100',
];

const otherSearch = (source: string) => searchText({ ...QUICK, source });
const part = (source: string, key: string): Node => otherSearch(source).get(key) ?? null;
/** The very bytes of a field, inside a string. */
const LOOKALIKES = ['mock_provider', 'unknown'].flatMap((source) =>
  [true, false].flatMap((spaced) => [
    write(part(source, 'cached'), spaced),
    write(otherSearch(source), spaced),
    `x",${spaced ? ' ' : ''}"cached":${spaced ? ' ' : ''}${write(part(source, 'cached'), spaced)}`,
    toolBody(write(otherSearch(source), spaced)),
  ]),
);
const VALUES: readonly Node[] = [
  ...[null, true, false, 0, -1, 100, [], new Entries([])],
  ...WORDS,
  ...LOOKALIKES,
  ...['mock_provider', 'unknown', 'error'].flatMap((source) => [
    part(source, 'cached'),
    part(source, 'task'),
    otherSearch(source),
    new Text(otherSearch(source)),
  ]),
];
const KEYS = ['symbol', 'cached', 'price', 'confidence', 'source', 'ttl', 'change', 'status', 'task', 'name', 'text'];
const OTHER_KEYS = ['isError', 'content', 'disclaimer', 'narrative', 'x"cached', 'x,"source', 'type'];

/** One change to a document: of an entry that is there, or one more entry. */
interface Damage {
  readonly how: 'delete' | 'replace' | 'rename' | 'insert';
  /** Which of the document's objects that have the key; of all its objects when one more is inserted. */
  readonly object: number;
  readonly place: number;
  readonly key: string;
  readonly otherKey: string;
  readonly value: Node;
}

const anyDamage: fc.Arbitrary<Damage> = fc.record({
  how: fc.constantFrom('delete', 'replace', 'rename', 'insert', 'insert'),
  // The first four are the envelope, its content, the answer and its price.
  object: fc.oneof(fc.nat(3), fc.nat()),
  place: fc.nat(),
  key: fc.constantFrom(...KEYS, ...OTHER_KEYS),
  otherKey: fc.constantFrom(...KEYS, ...OTHER_KEYS),
  value: fc.constantFrom(...VALUES),
});

function objectsIn(node: Node): Entries[] {
  if (node instanceof Text) return objectsIn(node.document);
  if (node instanceof Entries) return [node, ...node.pairs.flatMap(([, value]) => objectsIn(value))];
  return Array.isArray(node) ? node.flatMap(objectsIn) : [];
}

function copyOf(node: Node): Node {
  if (node instanceof Text) return new Text(copyOf(node.document));
  if (node instanceof Entries) return new Entries(node.pairs.map(([key, value]) => [key, copyOf(value)]));
  return Array.isArray(node) ? node.map(copyOf) : node;
}

function damage(document: Node, { how, object, place, key, otherKey, value }: Damage): void {
  const all = objectsIn(document);
  const able = how === 'insert' ? all : all.filter(({ pairs }) => pairs.some(([name]) => name === key));
  const pairs = able[object % Math.max(1, able.length)]?.pairs;
  if (pairs === undefined) return;
  // No serializer writes a key twice.
  const comesTwice = (name: string) => pairs.some(([other]) => other === name);
  if (how === 'insert') {
    if (comesTwice(key)) return;
    pairs.splice(place % (pairs.length + 1), 0, [key, copyOf(value)]);
    return;
  }
  const at = pairs.findIndex(([name]) => name === key);
  const old = pairs[at]?.[1] ?? null;
  if (how === 'rename' && comesTwice(otherKey)) return;
  if (how === 'delete') pairs.splice(at, 1);
  else pairs[at] = how === 'rename' ? [otherKey, old] : [key, copyOf(value)];
}

const rarely = <T>(arbitrary: fc.Arbitrary<T>, otherwise: T): fc.Arbitrary<T> =>
  fc.oneof({ weight: 1, arbitrary }, { weight: 15, arbitrary: fc.constant(otherwise) });

const anyDamaged = fc
  .record({
    example: anyExample,
    damages: fc.oneof(fc.tuple(anyDamage), fc.tuple(anyDamage, anyDamage), fc.array(anyDamage, { maxLength: 4 })),
    spaced: fc.boolean(),
    envelopeSpaced: rarely(fc.constant(true), false),
    asked: rarely<string | null>(fc.constantFrom('AAPL', 'MSFT', 'BTC', 'A'), null),
  })
  .map(({ example, damages, spaced, envelopeSpaced, asked }) => {
    const envelope = copyOf(envelopeOf(searchText(example)));
    for (const one of damages) damage(envelope, one);
    return { symbol: asked ?? example.symbol, answer: answered(write(envelope, envelopeSpaced, spaced)) };
  });

test('an undamaged answer passes without being decoded, exactly when it has data', () => {
  fc.assert(
    fc.property(anyExample, fc.boolean(), (example, spaced) => {
      const answer = searchAnswer(example, spaced);
      expect(searchLooksHealthy(answer.body ?? '', example.symbol)).toBe(isCorrect(answer));
      expect(passes(answer, example.symbol, 'full')).toBe(isCorrect(answer));
    }),
    { numRuns: 200 },
  );
});

test('bytes never pass what fails when decoded, however its fields are damaged', () => {
  const seen = { failing: 0, passingUndecoded: 0 };
  fc.assert(
    fc.property(anyDamaged, ({ symbol, answer }) => {
      const full = passes(answer, symbol, 'full');
      if (passes(answer, symbol, 'bytes') !== full) throw new Error('the two looks disagree');
      if (!full) seen.failing++;
      else if (searchLooksHealthy(answer.body ?? '', symbol)) seen.passingUndecoded++;
    }),
    { numRuns: 10_000 },
  );
  // Damage that never hurts, and bytes that never pass, would both make this a property of nothing.
  expect(seen.failing).toBeGreaterThan(2000);
  expect(seen.passingUndecoded).toBeGreaterThan(500);
});

test('a decoded answer passes only when it is correct by the words of the contract', () => {
  fc.assert(
    fc.property(anyDamaged, ({ symbol, answer }) => !passes(answer, symbol, 'full') || isCorrect(answer)),
    { numRuns: 5000 },
  );
});

/** Numbers in forms that JSON has and the server does not use, and in forms that JSON does not have. */
const NUMBERS = ['0', '0.0', '-0.0', '-1.5', '1e400', '1e-400', '1E3', '1.50', '00', '01.5', '1.', '.5', '+1', '0x1'];
const NO_NUMBERS = ['NaN', 'Infinity', '-Infinity', 'True', 'null', '"1.0"', '', ' ', '1 0', '1,0', '1.0.0', '1_000'];

test.each(['price', 'confidence'])('whatever stands where the %s belongs is a number above zero, or fails', (field) => {
  for (const token of [...NUMBERS, ...NO_NUMBERS, '100.0', '1', '0.1', '1e21', '999999999999999999999']) {
    for (const spaced of [true, false]) {
      const text = searchText(QUICK);
      const cached = text.get('cached');
      const pair = cached instanceof Entries ? cached.pairs.find(([key]) => key === field) : undefined;
      if (pair !== undefined) pair[1] = new Token(token);
      const answer = answered(toolBody(write(text, spaced)));
      expect([token, passes(answer, 'AAPL', 'bytes')]).toEqual([token, isCorrect(answer)]);
    }
  }
});

test.each([true, false])('a source without data fails, whatever price stands beside it (spaced: %s)', (spaced) => {
  const body = searchAnswer({}, spaced).body ?? '';
  for (const source of NO_DATA_SOURCES) {
    const damaged = body.replace('mock_provider', source);
    expect([source, searchLooksHealthy(damaged, 'AAPL'), passes(answered(damaged), 'AAPL', 'full')]).toEqual([
      source,
      false,
      false,
    ]);
  }
});

/** Text of an answer without spaces, as it stands in the envelope. */
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

test.each([
  ['a second price', '"change":', '"change":1,"price":0,"x":'],
  ['a second confidence', '"confidence":1.0', '"confidence":1.0,"confidence":0.0'],
  ['a second source', '"ttl":300,', '"ttl":300,"source":"unknown",'],
  ['a status of its own', '"narrative":null', '"narrative":null,"status":"failed"'],
  ['a status of its own, before all others', '"exchange":', '"status":"error","exchange":'],
  ['the price object within another', '"exchange":"NASDAQ"', '"exchange":{"a":1'],
  ['the price object under another name', '"cached":', '"x\\"cached":'],
  ['source and confidence within another object', '"source":', '"x":{"a":1,"source":'],
])('an answer with %s is decoded, and fails', (_, from, to) => {
  const body = searchAnswer().body ?? '';
  const damaged = body.replace(escaped(from), escaped(to));
  // Brackets that were opened are closed again, so that it is JSON as before.
  const open = to.split('{').length - from.split('{').length;
  const whole = damaged.replace('}"}]', `${'}'.repeat(open + 1)}"}]`);
  expect(JSON.parse(JSON.parse(whole).content[0].text)).not.toEqual(JSON.parse(JSON.parse(body).content[0].text));
  expect(searchLooksHealthy(whole, 'AAPL')).toBe(false);
  expect(passes(answered(whole), 'AAPL', 'full')).toBe(false);
});

test('an answer with a second text in its envelope is decoded, and fails', () => {
  const body = (searchAnswer().body ?? '').replace('}"}]', '}","text":"{}"}]');
  expect(searchLooksHealthy(body, 'AAPL')).toBe(false);
  expect(passes(answered(body), 'AAPL', 'full')).toBe(false);
});

test('an answer that breaks off anywhere fails', () => {
  for (const spaced of [true, false]) {
    const body = searchAnswer({ depth: 'standard', llm: true }, spaced).body ?? '';
    const passing = Array.from(body, (_, length) => answered(body.slice(0, length))).filter(
      (answer) => passes(answer, 'AAPL', 'bytes') || passes(answer, 'AAPL', 'full'),
    );
    expect(passing).toEqual([]);
  }
});

/** Begin and end of each stretch of an answer that decides; of a provider's name only that it is one. */
function decidingStretches(body: string): [begin: number, end: number][] {
  const patterns = [
    /^\{"content":\[\{"type":"text","text":"\{\\"symbol\\": ?\\"[A-Z]+\\"/,
    /\\"cached\\": ?\{\\"price\\": ?[\d.]+,/,
    /\\"source\\": ?\\"\w+\\", ?\\"ttl\\"/,
    /, ?\\"confidence\\": ?[\d.]+\}/,
    /status\\": ?\\"pending\\"/,
    /"\}\],"isError":false\}$/,
  ];
  return patterns.map((pattern) => {
    const match = pattern.exec(body);
    if (match === null) throw new Error(`${pattern} is not in the answer`);
    return [match.index, match.index + match[0].length];
  });
}

test('no single character that decides can be changed, lost or added without being noticed', () => {
  const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
  for (const spaced of [true, false]) {
    const body = searchAnswer({ depth: 'standard', llm: true }, spaced).body ?? '';
    const unnoticed: string[] = [];
    const put = (character: string, from: number, to: number) => {
      const damaged = body.slice(0, from) + character + body.slice(to);
      if (searchLooksHealthy(damaged, 'AAPL') && !passes(answered(damaged), 'AAPL', 'full')) {
        unnoticed.push(damaged.slice(Math.max(0, from - 15), to + 15));
      }
    };
    for (const [begin, end] of decidingStretches(body)) {
      for (let at = begin; at < end; at++) {
        put('', at, at + 1);
        for (const character of printable) {
          put(character, at, at + 1);
          if (at > begin) put(character, at, at);
        }
      }
    }
    expect(unnoticed).toEqual([]);
  }
});

test.each([
  ['a disclaimer with an escape that JSON does not have', 'Not investment', '\\\\q'],
  ['a raw line break in the text', 'Not investment', '\n'],
  ['a string that ends too early', 'Not investment', '\\"'],
  ['a number that is none, outside the fields that decide', '-1.48', '-1.4.8'],
  ['a control character in the name of the provider', 'mock_provider', 'mock\u0007provider'],
  ['an object that is never closed', '},\\"narrative\\"', ',\\"narrative\\"'],
  ['something after the end of the document', '\\"narrative\\":null', '\\"narrative\\":null}'],
  ['a price object that comes twice', '\\"narrative\\":null', '\\"narrative\\":null,\\"cached\\":null'],
  ['a symbol that comes twice', '\\"narrative\\":null', '\\"narrative\\":null,\\"symbol\\":\\"MSFT\\"'],
  [
    'a second status whose key is spelled with an escape',
    '\\"narrative\\"',
    '\\"st\\\\u0061tus\\":\\"failed\\",\\"n\\"',
  ],
])('bytes miss %s, and decoding finds it', (_, from, to) => {
  const body = searchAnswer().body ?? '';
  expect(body).toContain(from);
  const damaged = body.replace(from, to);
  expect(searchLooksHealthy(damaged, 'AAPL')).toBe(true);
  expect(passes(answered(damaged), 'AAPL', 'full')).toBe(false);
});
