/** An import, as esbuild prints it: at the start of a line. */
const IMPORT = /^import (?:([^;"]+?) from )?"([^"]+)";$/gm;
/** The one list of exports that esbuild ends a bundle with. */
const EXPORTS = /^export \{\n((?: {2}.+\n)*)\};$/m;

/** The imports of a bundle, and the bundle without them, line by line where it was. */
export function withoutImports(code: string): { readonly imports: readonly string[]; readonly rest: string } {
  const imports: string[] = [];
  const rest = code.replace(IMPORT, (statement) => {
    imports.push(statement);
    return linesOf(statement);
  });
  return { imports, rest };
}

const linesOf = (statement: string): string => '\n'.repeat(statement.split('\n').length - 1);

/**
 * Puts a bundle into one function, and what it imports of k6 into one import of each thing.
 *
 * k6's engine keeps a module's variables by name, in a table that every virtual user has of its own, and looks into it at each
 * use of a global such as `Math`; those of a function it finds by their place. And each import is a function of its own, which
 * every use of what was imported calls: in a bundle that is one for each file that has imported it.
 *
 * Nothing is moved to another line, so that the source map goes on telling the truth.
 *
 * @param code an ES module whose only imports are k6's.
 */
export function inFunction(code: string): string {
  const list = EXPORTS.exec(code);
  // k6 says itself that there is nothing that it could run.
  if (list === null) return code;
  const imported = new Map<string, Map<string, string>>();
  const nameOf = (specifier: string, name: string): string => {
    const names = imported.get(specifier) ?? new Map<string, string>();
    const own = names.get(name) ?? `${specifier.replace(/\W/g, '$')}$${name === '*' ? 'all' : name}`;
    imported.set(specifier, names.set(name, own));
    return own;
  };
  const body = code.replace(IMPORT, (statement, clause: string | undefined, specifier: string) => {
    const taken = namesIn(clause ?? '').map(([name, local]) => `${local} = ${nameOf(specifier, name)}`);
    if (taken.length === 0) imported.set(specifier, imported.get(specifier) ?? new Map());
    return `${taken.length === 0 ? '' : `const ${taken.join(', ')};`}${linesOf(statement)}`;
  });
  const exports = namesIn(`{${list[1]}}`);
  const returned = exports.map(([local, name]) => `${name}: ${local}`);
  const named = exports.flatMap(([, name]) => (name === 'default' ? [] : [`${name} = made.${name}`]));
  // Asked for once: k6 makes some of what it exports anew for whoever asks.
  const parameters = [...imported.values()].flatMap((names) => [...names.values()]).join(', ');
  const end = [
    `return { ${returned.join(', ')} };\n})(${parameters});`,
    ...(named.length === 0 ? [] : [`export const ${named.join(', ')};`]),
    ...(named.length === exports.length ? [] : ['export default made.default;']),
  ];
  const start = [...imported].map(([specifier, names]) => importOf(specifier, names)).join(' ');
  // A function as the replacement: `$` means something in a text.
  return `${start} const made = ((${parameters}) => {${body.replace(EXPORTS, () => end.join('\n'))}`;
}

/** What an import or export has, and how that is called where it goes: `{ a, b as c }`, `* as d`, `e`. */
function namesIn(clause: string): (readonly [string, string])[] {
  const [, list = ''] = /\{([^}]*)\}/.exec(clause) ?? [];
  const listed = words(list).map((word) => pair(word, word));
  return [...words(clause.replace(/\{[^}]*\}/, '')).map((word) => pair(word, 'default')), ...listed];
}

const words = (list: string): string[] =>
  list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

function pair(word: string, alone: string): readonly [string, string] {
  const [first = word, second] = word.split(' as ');
  return second === undefined ? [alone, word] : [first, second];
}

function importOf(specifier: string, names: ReadonlyMap<string, string>): string {
  const all = names.get('*');
  const listed = [...names].filter(([name]) => name !== '*').map(([name, own]) => `${name} as ${own}`);
  return [
    ...(all === undefined ? [] : [`import * as ${all} from "${specifier}";`]),
    ...(listed.length === 0 ? [] : [`import { ${listed.join(', ')} } from "${specifier}";`]),
    ...(names.size === 0 ? [`import "${specifier}";`] : []),
  ].join(' ');
}
