import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type BuildOptions, build, type Plugin, transform } from 'esbuild';
import { isBuildFailure } from './errors';
import { withoutImports } from './in-function';

/** Each with the imports of what cannot be made in it and stays outside. */
const LATE: Readonly<Record<string, RegExp | null>> = {
  // Called in k6's initialisations.
  'lib/once.ts': null,
  // Called by one virtual user, or by few, when the load has begun: k6 makes neither metrics nor shared arrays any more.
  'lib/seldom.ts': /^import \{.*from '(k6\/metrics|k6\/data|\.\/shared)';$/m,
};

/** Bundled by themselves, and yet imported by scenarios. */
export const LATE_FILES: readonly string[] = Object.keys(LATE);

/**
 * Puts each of these modules, whose exports are functions, with whatever stands behind it into one function, which the first
 * call of an export runs.
 *
 * k6 runs a script's top level once for every virtual user. What is built there (targets, overrides, profiles; each function
 * takes half a kilobyte) stays in memory a thousand times, and takes ten milliseconds of CPU each, though only k6's first
 * initialisation or one user asks for it. Nobody who does not call an export pays for more than that function.
 *
 * @param options those of the bundle that they become a part of.
 */
export function lateModules(root: string, options: BuildOptions): Plugin {
  const byPath = new Map(Object.entries(LATE).map(([file, stays]) => [join(root, file), stays]));
  return {
    name: 'late',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/](once|seldom)\.ts$/ }, async ({ path }) => {
        const stays = byPath.get(path);
        if (stays === undefined) return undefined;
        try {
          const plugins = [...(stays === null ? [] : [outside(path, stays)]), ...(options.plugins ?? [])];
          return { contents: await asFunction(path, { ...options, plugins }), loader: 'js', resolveDir: dirname(path) };
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

async function asFunction(path: string, options: BuildOptions): Promise<string> {
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
    banner: [...imports, 'let parts;', 'const late = () => (parts ??= make());', 'function make() {'].join('\n'),
    footer: [
      'return made;\n}',
      ...names.map((name) => `export const ${name} = (...args) => late().${name}(...args);`),
    ].join('\n'),
  });
  return code;
}
