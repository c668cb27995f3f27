import type { BuildOptions } from 'esbuild';

/** Every option that differs from esbuild's default, or that must not change with it, and why. */
const shared = {
  bundle: true,
  // Files are written by publish.ts: under another name first, so that a reader never meets half a bundle.
  write: false,
  // What to do about a message is decided by the caller, who adds the import chain.
  logLevel: 'silent',
  // Stack traces and profiles stay readable; there is no wire on which bytes would count.
  minify: false,
  // Licence comments of packages belong to their packages; they would be parsed at every start.
  legalComments: 'none',
  // Without it every non-ASCII letter becomes an escape.
  charset: 'utf8',
  // The tsconfig files serve the type checker. Left alone, esbuild would take JSX and path settings from them.
  tsconfigRaw: {},
  // The maps point at files that are in the repository; repeating their text would double every bundle.
  sourcesContent: false,
} as const satisfies BuildOptions;

/** One scenario to one file that stock k6 runs. */
export const k6Options = {
  ...shared,
  // k6 reads `options` and the exec functions from the module's exports.
  format: 'esm',
  // Neither `browser` nor `node`: no package may be replaced by its variant for either, and no global is assumed.
  platform: 'neutral',
  // k6's engine has all of ES2022 …
  target: 'es2022',
  // … but for two, which it does not parse …
  // … and for one that no function can have, as which a bundle is run.
  supported: { 'async-generator': false, 'for-await': false, 'top-level-await': false },
  // Inside the file, so that a bundle copied anywhere still names the TypeScript line when it throws.
  sourcemap: 'inline',
} as const satisfies BuildOptions;

/** A Node program to one file: reading one file is several times faster than resolving hundreds of modules. */
export const nodeOptions = {
  ...shared,
  format: 'cjs',
  platform: 'node',
  // The oldest Node that package.json admits.
  target: 'node20',
  // Beside the file: Node reads the map when something throws, and only then.
  sourcemap: 'linked',
  // pg asks for its native variant inside a try, and the client of Prometheus for a fetch where it is given none; neither is
  // installed, and both do without.
  external: ['pg-native', 'node-fetch'],
} as const satisfies BuildOptions;

/** A script that stands in the text of a page or an SVG file, each of which carries a copy of it. */
export const browserOptions = {
  ...shared,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  minify: true,
} as const satisfies BuildOptions;
