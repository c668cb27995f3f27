#!/usr/bin/env node
// Starts the `fiml-perf` command. One bundled file starts in a fraction of the time that TypeScript from source needs, so
// this makes sure that the bundles in dist/ are newer than their sources, and hands over to dist/cli.js, or to the bundle that
// has the one command alone.
// It runs before anything is known to be installed: Node's own modules only.
const { dependenciesProblem } = require('../scripts/setup/dependencies.js');
const { spawnSync } = require('node:child_process');
const { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { dirname, join, resolve } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

const root = resolve(__dirname, '..');
const dist = join(root, 'dist');

/** Everything that ends up in a bundle, or decides what does. */
const SOURCES = [
  'scripts',
  'scenarios',
  'lib',
  'contract',
  'thresholds',
  'profiles',
  'config',
  'reference',
  'build',
  'package.json',
  'package-lock.json',
];

/** The latest change below a path. Folders count as well: their time tells of files that were removed or renamed. */
function latestChange(path) {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info === undefined) return 0;
  let latest = info.mtimeMs;
  if (!info.isDirectory()) return latest;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    const changed = entry.isDirectory()
      ? latestChange(child)
      : (statSync(child, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (changed > latest) latest = changed;
  }
  return latest;
}

function bundles() {
  const names = existsSync(join(root, 'scenarios'))
    ? readdirSync(join(root, 'scenarios')).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    : [];
  const files = names.map((name) => name.replace(/\.ts$/, '.js'));
  if (existsSync(join(root, 'scripts', 'ingest', 'main.ts'))) files.push('ingest.js');
  if (existsSync(join(root, 'reference', 'main.ts'))) files.push('reference.js');
  if (existsSync(join(root, 'scripts', 'services', 'main.ts'))) files.push('services.js');
  if (existsSync(join(root, 'scripts', 'profile', 'flame-graph', 'browser.js'))) files.push('flame-graph.js');
  return ['cli.js', ...files].map((name) => join(dist, name));
}

function isStale() {
  const changed = Math.max(...SOURCES.map((source) => latestChange(join(root, source))));
  // Equal times count as stale: the clock of a file system is coarse, and building once too often costs half a second.
  return bundles().some((file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) <= changed);
}

function rebuild() {
  const result = spawnSync(process.execPath, ['-r', './build/register.js', 'build/index.ts'], {
    cwd: root,
    // Standard output belongs to the command, which may be writing JSON to it.
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (result.status === 0) return;
  process.stderr.write(`fiml-perf: the sources do not build\n${result.stderr || result.error?.message || ''}`);
  process.exit(2);
}

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Runs a bundle with what V8 compiled of it at an earlier start: compiling megabytes is half of the start otherwise.
 * V8 refuses what another Node has left, but knows a source by its length only, hence the bundle's time in the name.
 */
function start(file) {
  const kept = `${file}.${statSync(file).mtimeMs}.compiled`;
  const cachedData = readIfThere(kept);
  const script = new Script(wrap(readFileSync(file, 'utf8')), { filename: file, cachedData });
  if (cachedData === undefined || script.cachedDataRejected) {
    // At the end, when all that a command needs has been compiled.
    process.once('exit', () => {
      try {
        writeFileSync(`${kept}.${process.pid}`, script.createCachedData());
        renameSync(`${kept}.${process.pid}`, kept);
      } catch {
        // Where nothing can be written every start takes a moment longer, and that is all.
      }
    });
  }
  const module = { exports: {} };
  script.runInThisContext().call(module.exports, module.exports, createRequire(file), module, file, dirname(file));
}

const problem = dependenciesProblem(root);
if (problem !== undefined) {
  process.stderr.write(`fiml-perf: ${problem}; run: make setup\n`);
  process.exit(2);
}
if (isStale()) rebuild();
// An internal error then names the TypeScript line. The map is read only when something throws.
process.setSourceMapsEnabled(true);
// What reads samples of any number is to hold little memory. Most of it would be code of the other commands, and room for new
// objects, which grows to three times 16 MB as soon as some of them live for long, and never shrinks while there is work.
if (process.argv[2] === 'ingest') {
  setFlagsFromString('--semi-space-growth-factor=1');
  start(join(dist, 'ingest.js'));
} else start(join(dist, 'cli.js'));
