// The whole test suite, for `make test` and .ci/run: lint, types, jest. The last line is `N passed, N failed`.
// Everything is run even when something failed, so that one run tells all there is to mend. What failed is told once more at
// the end, which is all that is kept of many a long log.
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { mkdirSync, rmSync, writeFileSync } = require('node:fs');
const { constants, setPriority } = require('node:os');
const { join, resolve } = require('node:path');
require('../build/register.js');
const { countTests, readReport, selecting, testsIn } = require('./results.ts');

const root = resolve(__dirname, '..');
const folder = join(root, '.cache', 'test');
/**
 * Tests of a server under load, one project after the other. Most wait, so that several at once disturb each other little;
 * those of the last project have no other load beside them.
 */
const UNDER_LOAD = [
  { project: 'e2e', args: ['--maxWorkers=3'], isTimed: true },
  { project: 'timing', args: ['--maxWorkers=2'], isTimed: true },
  { project: 'alone', args: ['--runInBand'], isTimed: true },
];
/**
 * Need nothing but the CPU, and take what those leave of it, for as long as that takes: one core at most, so that there is
 * always one on which what is timed can go on at once.
 */
const UNIT = { project: 'unit', args: ['--runInBand', '--testTimeout=300000'], isLast: true };
/**
 * A test of a server under load that failed is run once more, by itself: what else the machine had to do meanwhile can starve
 * a load or bend its times, which is no fault of the suite's. It is told all the same. A unit test has no such excuse, and one
 * that makes up its cases has found something. Where tests of more files than this have failed, it is not the machine.
 */
const MOST_FILES_AGAIN = 6;
/** .ci/run prints it once more, since make may add a line of its own. */
const summary = join(folder, 'summary');

const inCi = !['', '0', 'false'].includes(process.env.CI ?? '');
const bin = (name) => join(root, 'node_modules', '.bin', name);

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) process.stderr.write(`${command}: ${result.error.message}\n`);
  return result;
}

/** One search for a program for all suites, so that no two of them build it; its path. */
function find(program) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  const result = run(process.execPath, ['-r', './build/register.js', 'scripts/setup/main.ts', program], {
    stdio,
    encoding: 'utf8',
  });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

const reportOf = ({ project, isAgain }) => join(folder, `jest-${project}${isAgain ? '-again' : ''}.json`);

/** Runs what failed of a project once more, one test after the other; jest's report of that, or undefined. */
async function again({ project, isTimed }, report, env) {
  const failed = testsIn(report, 'failed');
  const files = new Set(failed.map(({ file }) => file)).size;
  if (!isTimed || files === 0 || files > MOST_FILES_AGAIN) return undefined;
  // What a test that is left out would have waited for must not keep jest from its end.
  const repeat = { project, args: ['--runInBand', '--forceExit', ...selecting(failed)], isAgain: true };
  await jest(repeat, env);
  return readReport(reportOf(repeat));
}

/** Runs one project; its exit code, or the signal that ended it. */
async function jest({ project, args, isLast = false, isAgain = false }, env) {
  const all = [
    ...['--selectProjects', project, ...args],
    // The caller's pattern may name tests of one of them only; that some were found at all is looked at below.
    '--passWithNoTests',
    '--json',
    `--outputFile=${reportOf({ project, isAgain })}`,
    ...(inCi ? ['--ci'] : []),
    ...(isAgain ? [] : process.argv.slice(2)),
  ];
  if (isLast) return last(bin('jest'), all, env);
  return ended(spawn(bin('jest'), all, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] }));
}

/** Runs a command, and all that it starts, on what nobody else wants of the CPU; its exit code, or the signal that ended it. */
async function last(command, args, env) {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  if (child.pid === undefined) return ended(child);
  putLast(child.pid);
  // In a group of its own it hears of no signal that ends this program.
  const end = () => process.kill(-child.pid, 'SIGKILL');
  const stop = () => process.exit(1);
  process.once('exit', end).once('SIGINT', stop).once('SIGTERM', stop);
  const outcome = await ended(child);
  process.off('exit', end).off('SIGINT', stop).off('SIGTERM', stop);
  return outcome;
}

async function ended(child) {
  const [code, signal] = await once(child, 'close');
  return code ?? signal;
}

/**
 * Lets a process and all that it will start have only what nobody else wants of the CPU. Where Linux shares it out by
 * sessions, as it does by default, a priority counts only within one, and the session's own is what counts.
 */
function putLast(pid) {
  setPriority(pid, constants.priority.PRIORITY_LOW);
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(constants.priority.PRIORITY_LOW));
  } catch {
    // No such thing here: the priority alone counts.
  }
}

async function main() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const problems = [];
  const notes = [];

  // Half a minute of CPU that nothing waits for.
  const types = last('npm', ['run', '--silent', 'typecheck'], process.env);
  if (run('npm', ['run', '--silent', 'lint']).status !== 0) problems.push('lint failed (make lint)');
  if (run('npm', ['run', '--silent', 'build']).status !== 0) problems.push('the build failed (make build)');

  // Without k6 there is nothing to test end to end, so that is a failure, not a skip.
  const k6 = find('k6');
  if (k6 === undefined) problems.push('there is no k6 to test with');
  // Its tests look for it in the cache, and say themselves when it is not there.
  find('toxiproxy');
  const env = { ...process.env, ...(k6 === undefined ? {} : { PERF_K6: k6 }) };
  const counted = { passed: 0, failed: 0 };
  const count = async (each, ended) => {
    const report = readReport(reportOf(each));
    if (report === undefined) {
      problems.push(`jest ended without a report of the project ${each.project}`);
      return;
    }
    const own = countTests(report, await again(each, report, env), { inCi });
    counted.passed += own.passed;
    counted.failed += own.failed;
    problems.push(...own.problems);
    notes.push(...own.notes);
    if (ended !== 0 && own.failed === 0 && own.notes.length === 0) {
      problems.push(`jest, project ${each.project}, ended with ${ended}`);
    }
  };
  const unit = types.then((code) => {
    if (code !== 0) problems.push('types failed (make typecheck)');
    return jest(UNIT, env);
  });
  for (const each of UNDER_LOAD) await count(each, await jest(each, env));
  await count(UNIT, await unit);
  if (counted.passed === 0) problems.push('no test passed');

  const told = [...notes, ...problems];
  for (const each of told) process.stderr.write(`make test: ${each}\n`);
  // Each may be long, and of many a log only its last lines are kept: in short once more.
  if (told.length > 1) for (const each of told) process.stderr.write(`make test: ${each.split('\n', 1)}\n`);
  const line = `${counted.passed} passed, ${counted.failed} failed\n`;
  writeFileSync(summary, line);
  process.stdout.write(line);
  return problems.length === 0 && counted.failed === 0 ? 0 : 1;
}

main().then((code) => {
  process.exitCode = code;
});
