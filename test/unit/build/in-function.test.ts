import { inFunction } from '../../../build/in-function';

const BUNDLE = `// lib/one.ts
import http, { get } from "k6/http";
import { Counter } from "k6/metrics";
var told = '$& import x from "k6";';
// lib/two.ts
import {
  Counter as Counter2,
  Rate
} from "k6/metrics";
import http2 from "k6/http";
import * as data from "k6/data";
import "k6/execution";
var two_default = () => [http, get, Counter, told, Counter2, Rate, http2, data];
export {
  two_default as default,
  told as said,
  http2
};
//# sourceMappingURL=data:application/json;base64,e30=
`;

test('imports each thing once, and exports what was exported', () => {
  const code = inFunction(BUNDLE);
  const imports = [...code.matchAll(/\bimport (?:([^;"]+) from )?"([^"]+)";/g)].map(([statement]) => statement);
  expect(imports).toEqual([
    'import { default as k6$http$default, get as k6$http$get } from "k6/http";',
    'import { Counter as k6$metrics$Counter, Rate as k6$metrics$Rate } from "k6/metrics";',
    'import * as k6$data$all from "k6/data";',
    'import "k6/execution";',
    // In a text.
    'import x from "k6";',
  ]);
  const module = code.replace(/^.*? const made = /, 'const made = ').replaceAll(/^export (default|const) /gm, '$1 = ');
  const run = new Function(
    ...['k6$http$default', 'k6$http$get', 'k6$metrics$Counter', 'k6$metrics$Rate', 'k6$data$all'],
    module.replace(/^const = (.*);$/m, 'const $1;').replace(/^default = (.*);$/m, 'return [$1, said, http2];'),
  ) as (...imported: string[]) => [() => unknown[], string, string];
  const [made, said, http2] = run('http', 'get', 'Counter', 'Rate', 'data');
  const text = '$& import x from "k6";';
  expect(made()).toEqual(['http', 'get', 'Counter', text, 'Counter', 'Rate', 'http', 'data']);
  expect([said, http2]).toEqual([text, 'http']);
});

test('leaves every line where the source map looks for it', () => {
  const lineOf = (code: string, text: string) => code.split('\n').findIndex((line) => line.includes(text));
  const code = inFunction(BUNDLE);
  for (const text of ['// lib/one.ts', 'var told', '// lib/two.ts', 'var two_default']) {
    expect(lineOf(code, text)).toBe(lineOf(BUNDLE, text));
  }
  expect(code.endsWith('//# sourceMappingURL=data:application/json;base64,e30=\n')).toBe(true);
});

test('leaves alone what exports nothing: k6 could run none of it', () => {
  expect(inFunction('console.log(1);\n')).toBe('console.log(1);\n');
});
