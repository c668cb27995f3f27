import { existsSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { type BuildOptions, type BuildResult, build, type OutputFile } from 'esbuild';
import { type Boundary, k6Boundary } from './boundary';
import { BuildError, explain, isBuildFailure } from './errors';
import { inFunction } from './in-function';
import { lateModules } from './late';
import { browserOptions, k6Options, nodeOptions } from './options';
import { closeStaging, openStaging, prune, publish } from './publish';
import { scenarioNames } from './scenarios';

export { BuildError } from './errors';
export { scenarioNames } from './scenarios';

/** A finished bundle. */
export interface Bundle {
  /** Scenario or program: `load`, `cli`. */
  name: string;
  file: string;
  bytes: number;
}

/** Where to build. */
export interface BuildTarget {
  /** The repository, or a folder laid out like it. */
  root: string;
  outDir: string;
}

/** The Node programs that are bundled because they are started often, and where each begins. */
const PROGRAMS: Readonly<Record<string, string>> = {
  cli: 'scripts/cli.ts',
  ingest: 'scripts/ingest/main.ts',
  reference: 'reference/main.ts',
  services: 'scripts/services/main.ts',
};

/** What a page of the suite runs in a browser. */
const PAGE_SCRIPTS: Readonly<Record<string, string>> = {
  'flame-graph': 'scripts/profile/flame-graph/browser.js',
};

/**
 * Bundles every `scenarios/*.ts` to `outDir/<name>.js` for k6 and removes bundles whose source is gone.
 * @throws BuildError naming file, line and import chain; nothing is written then.
 */
export async function buildScenarios(target: BuildTarget): Promise<Bundle[]> {
  return buildParts(target, [bundleScenarios]);
}

/**
 * Bundles the scenarios, the Node programs and what pages run in a browser.
 * @throws BuildError naming file, line and import chain; nothing is written then.
 */
export async function buildAll(target: BuildTarget): Promise<Bundle[]> {
  return buildParts(target, [bundleScenarios, bundlePrograms, bundlePageScripts]);
}

async function buildParts(target: BuildTarget, parts: ((target: BuildTarget) => Promise<OutputFile[]>)[]) {
  const staging = openStaging(target.outDir);
  try {
    const files = (await Promise.all(parts.map((part) => part(target)))).flat();
    publish(files, target.outDir, staging);
    prune(
      target.outDir,
      new Set([...scenarioNames(target.root), ...Object.keys(thoseOf({ ...PROGRAMS, ...PAGE_SCRIPTS }, target.root))]),
    );
    return files.filter((file) => file.path.endsWith('.js')).map((file) => describe(file, target.outDir));
  } finally {
    closeStaging(staging);
  }
}

async function bundleScenarios({ root, outDir }: BuildTarget): Promise<OutputFile[]> {
  const names = scenarioNames(root);
  const clash = names.find((name) => name in PROGRAMS);
  if (clash !== undefined) {
    throw new BuildError(
      `scenarios/${clash}.ts: dist/${clash}.js is the bundle of ${PROGRAMS[clash]}; give it another name`,
    );
  }
  if (names.length === 0) return [];
  const boundary = k6Boundary(root);
  const entryPoints = names.map((name) => join('scenarios', `${name}.ts`));
  const options = { ...k6Options, absWorkingDir: root, outdir: outDir, plugins: [boundary.plugin] };
  const late = lateModules(root, options);
  const bundles = await bundle({ ...options, entryPoints, plugins: [...options.plugins, late] }, boundary);
  return bundles.map((file) => ({ ...file, contents: Buffer.from(inFunction(file.text)) }));
}

async function bundlePrograms({ root, outDir }: BuildTarget): Promise<OutputFile[]> {
  return bundleEach(PROGRAMS, nodeOptions, { root, outDir });
}

async function bundlePageScripts(target: BuildTarget): Promise<OutputFile[]> {
  return bundleEach(PAGE_SCRIPTS, browserOptions, target);
}

async function bundleEach(
  sources: Readonly<Record<string, string>>,
  options: BuildOptions,
  { root, outDir }: BuildTarget,
): Promise<OutputFile[]> {
  const entryPoints = thoseOf(sources, root);
  if (Object.keys(entryPoints).length === 0) return [];
  return bundle({ ...options, absWorkingDir: root, outdir: outDir, entryPoints });
}

/** A repository that is laid out like this one need not have all of them. */
function thoseOf(sources: Readonly<Record<string, string>>, root: string): Record<string, string> {
  return Object.fromEntries(Object.entries(sources).filter(([, source]) => existsSync(join(root, source))));
}

async function bundle(options: BuildOptions, boundary?: Boundary): Promise<OutputFile[]> {
  try {
    const result: BuildResult = await build(options);
    return result.outputFiles ?? [];
  } catch (error) {
    throw isBuildFailure(error) ? explain(error, boundary) : error;
  }
}

function describe(file: OutputFile, outDir: string): Bundle {
  return { name: basename(file.path, '.js'), file: join(outDir, basename(file.path)), bytes: file.contents.length };
}

async function main(): Promise<void> {
  const root = resolve(__dirname, '..');
  try {
    for (const { file, bytes } of await buildAll({ root, outDir: join(root, 'dist') })) {
      process.stderr.write(`built ${relative(root, file)} (${(bytes / 1024).toFixed(0)} KB)\n`);
    }
  } catch (error) {
    const unwritable = error instanceof Error && 'code' in error && 'path' in error;
    if (!(error instanceof BuildError || unwritable)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}

if (require.main === module) void main();
