import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Plugin, transform } from 'esbuild';
import { isBuildFailure } from './errors';

/** The module whose exports, functions all of them, are called before any load. */
export const ONCE = 'lib/once.ts';

/**
 * Puts that module and whatever stands behind it into one function, which the first call of an export runs.
 *
 * k6 runs a script's top level once for every virtual user. What is built there (targets, overrides, profiles) stays in
 * memory a thousand times, half a megabyte each, and takes ten milliseconds of CPU each, though only k6's first
 * initialisation asks for it. Nobody who does not call an export pays for more than that function.
 *
 * @param options those of the bundle that it becomes a part of.
 */
export function onceModule(root: string, options: BuildOptions): Plugin {
  const path = join(root, ONCE);
  return {
    name: 'once',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]once\.ts$/ }, async (args) => {
        if (args.path !== path) return undefined;
        try {
          return { contents: await asFunction(path, options), loader: 'js' };
        } catch (error) {
          if (!isBuildFailure(error)) throw error;
          return { errors: error.errors };
        }
      });
    },
  };
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
  const { code } = await transform(bundle?.text ?? '', {
    format: 'iife',
    globalName: 'made',
    sourcemap: 'inline',
    sourcefile: path.replace(/\.ts$/, '.js'),
    banner: 'let parts;\nconst once = () => (parts ??= make());\nfunction make() {',
    footer: [
      'return made;\n}',
      ...names.map((name) => `export const ${name} = (...args) => once().${name}(...args);`),
    ].join('\n'),
  });
  return code;
}
