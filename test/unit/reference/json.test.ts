import fc from 'fast-check';
import { float, writeJson } from '../../../reference/json';

test('writes what Python writes', () => {
  const value = {
    price: float(100),
    change: float(-1.5),
    ttl: 300,
    none: null,
    list: [true, float(0), '"x"'],
    empty: {},
  };
  // json.dumps of the same, with separators=(",", ":") and without.
  expect(writeJson(value, false)).toBe(
    '{"price":100.0,"change":-1.5,"ttl":300,"none":null,"list":[true,0.0,"\\"x\\""],"empty":{}}',
  );
  expect(writeJson(value, true)).toBe(
    '{"price": 100.0, "change": -1.5, "ttl": 300, "none": null, "list": [true, 0.0, "\\"x\\""], "empty": {}}',
  );
});

test('whatever is written reads back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.boolean(), (value, spaced) => {
      // Through JSON once, which has no negative zero.
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(JSON.parse(writeJson(plain, spaced))).toEqual(plain);
    }),
  );
});
