import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type BuildOptions, build, type Plugin, transform } from 'esbuild';
import { isBuildFailure } from './errors';
import { withoutImports } from './in-function';

/** When a module is made, and what cannot be made in it and stays outside. */
interface Late {
  /** What follows on the module, as a function `make`, to give its exports. */
  readonly exports: (names: readonly string[]) => string;
  /** The imports of files that stay outside. */
  readonly stays?: RegExp;
}

const LATE: Readonly<Record<string, Late>> = {
  // By k6's own initialisations, before and after the load, which have the number 0; of all others not even the exports.
  'lib/once.ts': { exports: (names) => `export const { ${names.join(', ')} } = __VU === 0 ? make() : {};` },
  // By one virtual user, or by few, when the load has begun: k6 makes neither metrics nor shared arrays any more.
  'lib/seldom.ts': {
    exports: (names) =>
      [
        'let parts;',
        'const late = () => (parts ??= make());',
        ...names.map((name) => `export const ${name} = (...args) => late().${name}(...args);`),
      ].join('\n'),
    stays: /^import \{[^}]*\} from '(k6\/metrics|k6\/data|\.\/shared)';$/m,
  },
};

/** Bundled by themselves, and yet imported by scenarios. */
export const LATE_FILES: readonly string[] = Object.keys(LATE);

/**
 * Puts each of these modules, whose exports are functions, with whatever stands behind it into one function, which runs for
 * whoever needs it.
 *
 * k6 runs a script's top level once for every virtual user. What is built there (targets, overrides, profiles; each function
 * takes half a kilobyte) stays in memory a thousand times, and takes ten milliseconds of CPU each, though only k6's first
 * initialisation or one user asks for it. Whoever does not pays for little more than that function.
 *
 * @param options those of the bundle that they become a part of.
 */
export function lateModules(root: string, options: BuildOptions): Plugin {
  const byPath = new Map(Object.entries(LATE).map(([file, late]) => [join(root, file), late]));
  return {
    name: 'late',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/](once|seldom)\.ts$/ }, async ({ path }) => {
        const late = byPath.get(path);
        if (late === undefined) return undefined;
        try {
          const stays = late.stays === undefined ? [] : [outside(path, late.stays)];
          const plugins = [...stays, ...(options.plugins ?? [])];
          const contents = await asFunction(path, late, { ...options, plugins });
          return { contents, loader: 'js', resolveDir: dirname(path) };
        } catch (error) {
          if (!isBuildFailure(error)) throw error;
          return { errors: error.errors };
        }
      });
    },
  };
}

/** Leaves what imports such things for the bundle around it to import. */
const outside = (path: string, stays: RegExp): Plugin => ({
  name: 'outside',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path: specifier, importer, resolveDir }) => {
      const file = `${resolve(resolveDir, specifier)}.ts`;
      if (importer === '' || !stays.test(textOf(file))) return undefined;
      return { path: `./${relative(dirname(path), file).split(sep).join('/').replace(/\.ts$/, '')}`, external: true };
    });
  },
});

/** What is no such file is for the others to resolve, or to refuse. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function asFunction(path: string, late: Late, options: BuildOptions): Promise<string> {
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: [path],
    // Nothing is written; the source map counts from there.
    outdir: dirname(path),
    metafile: true,
  });
  const names = Object.values(metafile?.outputs ?? {}).flatMap((output) => output.exports);
  const [bundle] = outputFiles ?? [];
  const { imports, rest } = withoutImports(bundle?.text ?? '');
  const { code } = await transform(rest, {
    format: 'iife',
    globalName: 'made',
    sourcemap: 'inline',
    sourcefile: path.replace(/\.ts$/, '.js'),
    banner: [...imports, 'const make = () => {'].join('\n'),
    footer: ['return made;', '};', late.exports(names)].join('\n'),
  });
  return code;
}
