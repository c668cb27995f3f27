import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { BuildError, type BuildTarget, buildAll, buildScenarios } from '../../build';
import { openStaging } from '../../build/publish';
import { runK6 } from '../support/k6';

jest.setTimeout(90_000);

const repository = resolve(__dirname, '../..');
const DEADLINE_MS = 60_000;

let folder: string;
let target: BuildTarget;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'build-'));
  target = { root: join(folder, 'root'), outDir: join(folder, 'dist') };
  mkdirSync(target.root);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes files of a repository that is made up. */
function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(target.root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

const listed = (path: string): string[] => (existsSync(path) ? readdirSync(path).sort() : []);
const built = (name: string): string => readFileSync(join(target.outDir, name), 'utf8');

/** The message with which a build is refused. */
async function refusal(build = buildScenarios): Promise<string> {
  const error: unknown = await build(target).then(
    () => null,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(BuildError);
  return (error as BuildError).message;
}

/** The sources that a bundle's own source map names. */
function sourcesOf(bundle: string): string[] {
  const [, map = ''] = /\n\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/.exec(bundle) ?? [];
  return (JSON.parse(Buffer.from(map, 'base64').toString()) as { sources: string[] }).sources;
}

describe('the repository', () => {
  test('every scenario is one file with its source map inside, and imports nothing but k6', async () => {
    const scenarios = readdirSync(join(repository, 'scenarios')).map((name) => name.replace(/\.ts$/, ''));
    const bundles = await buildAll({ root: repository, outDir: target.outDir });
    expect(bundles.map(({ name }) => name)).toEqual(expect.arrayContaining([...scenarios, 'reference']));
    for (const name of scenarios) {
      const text = built(`${name}.js`);
      const imports = [...text.matchAll(/\bimport (?:[^;"]+ from )?"(.+?)";/g)].map(([, specifier]) => specifier ?? '');
      expect(imports).toContain('k6/http');
      expect(imports.filter((specifier) => !/^k6(\/[a-z]+)*$/.test(specifier))).toEqual([]);
      const sources = sourcesOf(text);
      expect(sources.map((source) => resolve(target.outDir, source))).toContain(
        join(repository, 'scenarios', `${name}.ts`),
      );
      expect(sources.filter((source) => !existsSync(resolve(target.outDir, source)))).toEqual([]);
      expect(listed(target.outDir)).not.toContain(`${name}.js.map`);
    }
  });

  test('the reference server starts from its bundle', async () => {
    await buildAll({ root: repository, outDir: target.outDir });
    const { status, stdout } = spawnSync(process.execPath, [join(target.outDir, 'reference.js'), '--help'], {
      encoding: 'utf8',
      timeout: DEADLINE_MS,
    });
    expect([status, stdout]).toEqual([0, expect.stringContaining('--latency-add-ms')]);
  });
});

describe('in k6', () => {
  test('a bundle runs wherever it is copied to, without its sources', async () => {
    write({
      'scenarios/answer.ts': `import { twice } from '../lib/twice';\nexport default (): void => { console.log(twice(21)); };\n`,
      'lib/twice.ts': 'export const twice = (value: number): number => value * 2;\n',
    });
    await buildScenarios(target);
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    cpSync(join(target.outDir, 'answer.js'), join(elsewhere, 'renamed.js'));
    rmSync(target.root, { recursive: true });
    rmSync(target.outDir, { recursive: true });
    const { code, stderr } = await runK6(join(elsewhere, 'renamed.js'), { cwd: folder });
    expect([code, stderr]).toEqual([0, expect.stringContaining('msg=42')]);
  });

  test('what stands behind lib/once.ts is made where it is asked for, and for no virtual user besides', async () => {
    write({
      'scenarios/uses.ts': [
        "import { answer } from '../lib/once';",
        'export const options = { vus: 3, iterations: 3 };',
        "console.log(__VU === 0 ? 'asked ' + answer() : 'not asked');",
        'export default (): void => undefined;',
        '',
      ].join('\n'),
      'lib/once.ts': "export { answer } from './heavy';\n",
      'lib/heavy.ts': "console.log('made');\nexport const answer = (): number => 42;\n",
    });
    await buildScenarios(target);
    const { code, stderr } = await runK6(join(target.outDir, 'uses.js'), { cwd: folder });
    const said = (text: string) => stderr.split(text).length - 1;
    expect([code, said('msg=made')]).toEqual([0, said('msg="asked 42"')]);
    expect(said('msg=made')).toBeGreaterThan(0);
    expect(said('msg="not asked"')).toBe(3);
  });

  test('what stands behind lib/seldom.ts is made by whoever comes to it, with metrics that were made before', async () => {
    write({
      'scenarios/watches.ts': [
        "import { watch } from '../lib/seldom';",
        "export const options = { scenarios: { all: { executor: 'per-vu-iterations', vus: 3, iterations: 2 } } };",
        'export default (): void => { if (__VU === 2) watch(__ITER + 1); };',
        '',
      ].join('\n'),
      'lib/seldom.ts': "export { watch } from './heavy';\n",
      'lib/heavy.ts': [
        "import { sleep } from 'k6';",
        "import { seen } from './metrics';",
        "console.log('made');",
        'export const watch = (count: number): void => { sleep(0.001); seen.add(count); };',
        '',
      ].join('\n'),
      'lib/metrics.ts': "import { Counter } from 'k6/metrics';\nexport const seen = new Counter('seen');\n",
    });
    await buildScenarios(target);
    const { code, stdout, stderr } = await runK6(join(target.outDir, 'watches.js'), { cwd: folder });
    expect([code, stderr.split('msg=made').length - 1]).toEqual([0, 1]);
    expect(stdout).toMatch(/seen\.*: 3 /);
  });

  test('a stack trace names the TypeScript files and lines', async () => {
    write({
      'scenarios/fails.ts': [
        "import { divide } from '../lib/divide';",
        '',
        'interface Share {',
        '  readonly of: number;',
        '}',
        'export default (): void => {',
        '  const share: Share = { of: 0 };',
        '  divide(1, share.of);',
        '};',
      ].join('\n'),
      'lib/divide.ts': [
        '/** Types and comments are gone from what k6 runs. */',
        'type Quotient = number;',
        'export function divide(a: number, b: number): Quotient {',
        "  if (b === 0) throw new RangeError('by nothing');",
        '  return a / b;',
        '}',
      ].join('\n'),
    });
    await buildScenarios(target);
    const { stderr } = await runK6(join(target.outDir, 'fails.js'), { cwd: folder });
    expect(stderr).toMatch(/RangeError: by nothing\\n\\tat divide \(file:\/\/\S*\/root\/lib\/divide\.ts:4:/);
    expect(stderr).toMatch(/\/root\/scenarios\/fails\.ts:8:/);
  });
});

describe('refuses, with nothing written,', () => {
  test.each([
    ['a Node module', 'node:fs', 'is a Node module, which k6 does not have'],
    ['a Node module by its old name', 'fs', 'is a Node module, which k6 does not have'],
    ['a part of a Node module', 'fs/promises', 'is a Node module, which k6 does not have'],
    ['an npm package', 'zod', 'is an npm package'],
    ['a remote import', 'https://jslib.k6.io/k6-utils/1.4.0/index.js', 'is a remote import'],
    ['an absolute path', '/opt/shared.ts', 'is an absolute path, which another machine does not have'],
    ['a k6 extension', 'k6/x/redis', 'needs a k6 extension, and the suite runs on stock k6'],
  ])('%s', async (_what, specifier, reason) => {
    write({
      'scenarios/one.ts': `\nimport * as it from '${specifier}';\nexport default () => { console.log(it); };\n`,
    });
    const [place = '', chain] = (await refusal()).split('\n');
    expect(place).toContain(`scenarios/one.ts:2:21: "${specifier}" ${reason}`);
    expect(chain).toBe(`  imported through scenarios/one.ts -> ${specifier}`);
    expect(listed(target.outDir)).toEqual([]);
  });

  test('a Node module behind other files, by the shortest way to it', async () => {
    write({
      'scenarios/one.ts': `import '../lib/far';\nimport { near } from '../lib/near';\nexport default near;\n`,
      'lib/far.ts': `import './farther';\n`,
      'lib/farther.ts': `import './near';\n`,
      'lib/near.ts': `import { sep } from '../config/paths';\nexport const near = () => sep;\n`,
      'config/paths.ts': `/** Not for k6. */\nexport { sep } from 'node:path';\n`,
    });
    expect(await refusal()).toBe(
      'config/paths.ts:2:21: "node:path" is a Node module, which k6 does not have\n' +
        '  imported through scenarios/one.ts -> lib/near.ts -> config/paths.ts -> node:path',
    );
    expect(listed(target.outDir)).toEqual([]);
  });

  test('what require or a late import would bring in', async () => {
    write({ 'scenarios/one.ts': `export default async () => { require('node:fs'); await import('node:os'); };\n` });
    const message = await refusal();
    expect(message).toContain('"node:fs" is a Node module');
    expect(message).toContain('"node:os" is a Node module');
  });

  test("Node's rooms, though nothing in them may be Node's", async () => {
    write({
      'scenarios/one.ts': `import { root } from '../scripts/root';\nexport default () => root;\n`,
      'scripts/root.ts': `export const root = 'here';\n`,
    });
    expect(await refusal()).toContain(
      'scenarios/one.ts:1:22: "../scripts/root" is outside of what runs in k6 (scenarios,',
    );
  });

  test('everything that is wrong, at once', async () => {
    write({
      'scenarios/one.ts': `import 'node:fs';\nimport 'zod';\n`,
      'scenarios/two.ts': `import '../lib/gone';\n`,
      'scenarios/good.ts': 'export default () => {};\n',
    });
    const message = await refusal();
    for (const wrong of ['scenarios/one.ts:1:8: "node:fs"', 'scenarios/one.ts:2:8: "zod"', 'scenarios/two.ts:1:8: ']) {
      expect(message).toContain(wrong);
    }
    expect(listed(target.outDir)).toEqual([]);
  });

  test('a file that is no TypeScript', async () => {
    write({ 'scenarios/one.ts': 'export const a = 1;\nexport const b = ;\n' });
    expect(await refusal()).toMatch(/^scenarios\/one\.ts:2:18: \S.*$/);
  });

  test.each([
    ['cli', 'scripts/cli.ts'],
    ['reference', 'reference/main.ts'],
  ])('a scenario that is named like the program %s', async (name, program) => {
    write({ [`scenarios/${name}.ts`]: 'export default () => {};\n', [program]: 'console.log(1);\n' });
    expect(await refusal(buildAll)).toBe(
      `scenarios/${name}.ts: dist/${name}.js is the bundle of ${program}; give it another name`,
    );
    expect(listed(target.outDir)).toEqual([]);
  });

  test('programs and scenarios together when either is wrong', async () => {
    write({ 'scenarios/one.ts': 'export default () => {};\n', 'scripts/cli.ts': `import './gone';\n` });
    expect(await refusal(buildAll)).toContain('scripts/cli.ts:1:8: ');
    expect(listed(target.outDir)).toEqual([]);
  });
});

test('a type may come from anywhere: nothing of it reaches k6', async () => {
  write({ 'scenarios/one.ts': `import type { Stats } from 'node:fs';\nexport default (): Stats | null => null;\n` });
  expect((await buildScenarios(target)).map(({ name }) => name)).toEqual(['one']);
});

test('a refused build leaves the bundles of the last good one', async () => {
  write({ 'scenarios/one.ts': 'export default () => 1;\n' });
  await buildScenarios(target);
  const before = built('one.js');
  write({ 'scenarios/one.ts': `import 'node:fs';\n`, 'scenarios/two.ts': 'export default () => 2;\n' });
  await refusal();
  expect([listed(target.outDir), built('one.js')]).toEqual([['one.js'], before]);
});

test('the bundle of a scenario that was deleted goes, and nothing else', async () => {
  write({ 'scenarios/kept.ts': '', 'scenarios/deleted.ts': '', 'reference/main.ts': 'console.log(1);\n' });
  await buildAll(target);
  const all = ['deleted.js', 'kept.js', 'reference.js', 'reference.js.map'];
  expect(listed(target.outDir)).toEqual(all);
  writeFileSync(join(target.outDir, 'notes.txt'), 'of the user\n');
  rmSync(join(target.root, 'scenarios/deleted.ts'));
  await buildScenarios(target);
  expect(listed(target.outDir)).toEqual(['kept.js', 'notes.txt', 'reference.js', 'reference.js.map']);
});

describe('interrupted', () => {
  /** Kills the build at one of its writes or renames, in the middle of the file if it is a write. */
  const KILLER = `
    const fs = require('node:fs');
    let left = Number(process.env.CALLS_TO_LIVE);
    for (const name of ['writeFileSync', 'renameSync']) {
      const real = fs[name];
      fs[name] = (path, content, ...more) => {
        if (path.includes('.build-') && left-- === 0) {
          if (name === 'writeFileSync') real(path, content.subarray(0, content.length / 2), ...more);
          process.kill(process.pid, 'SIGKILL');
        }
        return real(path, content, ...more);
      };
    }
  `;
  const source = (value: number) => `export default () => ${value};\n`;

  // Two bundles: each is written, then each is renamed.
  test.each([
    ['while it writes the first file', 0, [1, 1]],
    ['while it writes the last file', 1, [1, 1]],
    ['before the first file is in place', 2, [1, 1]],
    ['between two files', 3, [2, 1]],
  ])('%s, a build leaves every bundle whole', async (_when, callsToLive, values) => {
    write({ 'scenarios/one.ts': source(1), 'scenarios/two.ts': source(1) });
    await buildScenarios(target);
    write({ 'scenarios/one.ts': source(2), 'scenarios/two.ts': source(2) });
    const killer = join(folder, 'killer.js');
    writeFileSync(killer, KILLER);
    const { signal, stderr } = spawnSync(
      process.execPath,
      ['-r', './build/register.js', '-r', killer, '-e', `require('./build').buildScenarios(${JSON.stringify(target)})`],
      {
        cwd: repository,
        env: { ...process.env, CALLS_TO_LIVE: String(callsToLive) },
        encoding: 'utf8',
        timeout: DEADLINE_MS,
      },
    );
    expect([signal, stderr]).toEqual(['SIGKILL', '']);
    const bundles = listed(target.outDir).filter((name) => !name.startsWith('.'));
    expect(bundles).toEqual(['one.js', 'two.js']);
    const contents = bundles.map(built);
    expect(contents.map((text) => Number(/default\w* = \(\) => (\d)/.exec(text)?.[1]))).toEqual(values);
    for (const text of contents) expect(sourcesOf(text)).toHaveLength(1);

    // What it left is swept once no build can be using it any more.
    const left = listed(target.outDir).filter((name) => name.startsWith('.build-'));
    expect(left).toHaveLength(1);
    await buildScenarios(target);
    expect(listed(target.outDir)).toEqual(expect.arrayContaining(left));
    const anHourAgo = new Date(Date.now() - 3_600_000);
    utimesSync(join(target.outDir, left[0] ?? ''), anHourAgo, anHourAgo);
    await buildScenarios(target);
    expect(listed(target.outDir)).toEqual(['one.js', 'two.js']);
    expect(bundles.map(built)).toEqual(contents.map((text) => text.replace('=> 1', '=> 2')));
  });

  test('builds at the same time do not meet', async () => {
    write({ 'scenarios/one.ts': source(1), 'scenarios/two.ts': source(1) });
    await Promise.all([buildScenarios(target), buildScenarios(target), buildScenarios(target)]);
    expect(listed(target.outDir)).toEqual(['one.js', 'two.js']);
  });
});

describe('the command', () => {
  /** A repository with the real command and build, and a program that only says what it is. */
  function repositoryWith(cli: string): void {
    for (const part of ['bin', 'build', 'scripts/setup/dependencies.js', 'package.json', 'package-lock.json']) {
      cpSync(join(repository, part), join(target.root, part), { recursive: true, preserveTimestamps: true });
    }
    symlinkSync(join(repository, 'node_modules'), join(target.root, 'node_modules'));
    write({ 'scripts/cli.ts': cli, 'scenarios/one.ts': 'export default () => {};\n' });
  }

  const saying = (word: string) => `const say = () => process.stdout.write('${word}');\nsay();\n`;
  const inRoot = (): BuildTarget => ({ root: target.root, outDir: join(target.root, 'dist') });

  function command(): { status: number | null; stdout: string; stderr: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/fiml-perf.js'], {
      cwd: target.root,
      encoding: 'utf8',
      timeout: DEADLINE_MS,
    });
    return { status, stdout, stderr };
  }

  test('builds when a source is newer than its bundle, and only then', () => {
    repositoryWith(saying('first'));
    const bundle = join(target.root, 'dist', 'cli.js');
    const builtAtMs = () => statSync(bundle).mtimeMs;
    expect(command()).toEqual({ status: 0, stdout: 'first', stderr: '' });
    const firstMs = builtAtMs();
    expect([command().stdout, builtAtMs()]).toEqual(['first', firstMs]);
    write({ 'scripts/cli.ts': saying('second') });
    expect(command().stdout).toBe('second');
    // A folder's time tells that a file in it is gone.
    const secondMs = builtAtMs();
    rmSync(join(target.root, 'scenarios/one.ts'));
    expect(command().stdout).toBe('second');
    expect(builtAtMs()).toBeGreaterThan(secondMs);
    expect(listed(join(target.root, 'dist'))).toEqual([
      'cli.js',
      expect.stringMatching(/^cli\.js\.[\d.]+\.compiled$/),
      'cli.js.map',
    ]);
  });

  test('never runs what V8 kept of another bundle, though it be as long, nor what it cannot read', () => {
    repositoryWith(saying('first'));
    const kept = () => listed(join(target.root, 'dist')).filter((name) => name.endsWith('.compiled'));
    expect([command().stdout, command().stdout, kept().length]).toEqual(['first', 'first', 1]);
    write({ 'scripts/cli.ts': saying('other') });
    expect([command().stdout, command().stdout, kept().length]).toEqual(['other', 'other', 1]);
    writeFileSync(join(target.root, 'dist', kept()[0] ?? ''), 'half of it');
    expect([command(), command()]).toEqual(Array(2).fill({ status: 0, stdout: 'other', stderr: '' }));
  });

  test('builds again when a source was saved during the last build', async () => {
    repositoryWith(saying('first'));
    const building = buildAll(inRoot());
    // Whether esbuild has read it by now is not known, and must not matter.
    write({ 'scripts/cli.ts': saying('second') });
    await building;
    const savedAtMs = statSync(join(target.root, 'scripts/cli.ts')).mtimeMs;
    for (const name of ['cli.js', 'one.js']) {
      expect(statSync(join(target.root, 'dist', name)).mtimeMs).toBeLessThanOrEqual(savedAtMs);
    }
    expect(command().stdout).toBe('second');
  });

  test('a build is dated no later than it began, whatever a date is rounded to', () => {
    const dated = Array.from({ length: 20 }, () => openStaging(target.outDir));
    const late = dated.filter((staging) => staging.startedAt.getTime() > statSync(staging.folder).mtimeMs);
    expect(late).toEqual([]);
  });

  test('says what does not build, and ends with 2 without a stack trace', () => {
    repositoryWith(saying('first'));
    write({ 'scenarios/one.ts': `import 'node:fs';\n` });
    const { status, stdout, stderr } = command();
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'fiml-perf: the sources do not build\n' +
        'scenarios/one.ts:1:8: "node:fs" is a Node module, which k6 does not have\n' +
        '  imported through scenarios/one.ts -> node:fs\n',
    );
  });
});
