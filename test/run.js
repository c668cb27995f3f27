// The whole test suite, for `make test` and .ci/run: lint, types, jest. The last line is `N passed, N failed`.
// Everything is run even when something failed, so that one run tells all there is to mend.
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { constants, setPriority } = require('node:os');
const { join, resolve } = require('node:path');

const root = resolve(__dirname, '..');
const folder = join(root, '.cache', 'test');
/**
 * What runs at a time. Most end-to-end tests wait for a server or a clock, so that several at once disturb each other
 * little; unit tests need nothing but the CPU, and take what those leave of it, for as long as that takes.
 */
const STAGES = [
  [
    { project: 'e2e', args: ['--maxWorkers=3'] },
    {
      project: 'unit',
      args: ['--maxWorkers=2', '--testTimeout=300000'],
      isLast: true,
    },
  ],
  [{ project: 'timing', args: ['--runInBand'] }],
];
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

const reportOf = ({ project }) => join(folder, `jest-${project}.json`);

/** Counts what jest wrote. A suite that did not even load has no tests to count, so it counts as one failure itself. */
function countTests(run) {
  let results;
  try {
    results = JSON.parse(readFileSync(reportOf(run), 'utf8'));
  } catch {
    return { passed: 0, failed: 0, problems: [`jest ended without a report of the project ${run.project}`] };
  }
  const problems = [];
  const broken = results.numRuntimeErrorTestSuites;
  if (broken > 0) problems.push(`${broken} test files could not be run, each counted as one failure`);
  const skipped = results.testResults
    .flatMap((file) => file.assertionResults)
    .filter((test) => test.status === 'pending' || test.status === 'todo')
    .map((test) => test.fullName);
  if (skipped.length > 0 && inCi) {
    problems.push(`${skipped.length} tests were skipped, which counts as failed in CI:\n  ${skipped.join('\n  ')}`);
  }
  const failed = results.numFailedTests + broken + (inCi ? skipped.length : 0);
  return { passed: results.numPassedTests, failed, problems };
}

/** Runs one project; its exit code, or the signal that ended it. */
async function jest({ project, args, isLast = false }, env) {
  const all = [
    ...['--selectProjects', project, ...args],
    // The caller's pattern may name tests of one of them only; that some were found at all is looked at below.
    '--passWithNoTests',
    '--json',
    `--outputFile=${reportOf({ project })}`,
    ...(inCi ? ['--ci'] : []),
    ...process.argv.slice(2),
  ];
  const child = spawn(bin('jest'), all, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'], detached: isLast });
  if (!isLast || child.pid === undefined) return ended(child);
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

  if (run('npm', ['run', '--silent', 'lint']).status !== 0) problems.push('lint failed (make lint)');
  if (run('npm', ['run', '--silent', 'typecheck']).status !== 0) problems.push('types failed (make typecheck)');
  if (run('npm', ['run', '--silent', 'build']).status !== 0) problems.push('the build failed (make build)');

  // Without k6 there is nothing to test end to end, so that is a failure, not a skip.
  const k6 = find('k6');
  if (k6 === undefined) problems.push('there is no k6 to test with');
  // Its tests look for it in the cache, and say themselves when it is not there.
  find('toxiproxy');
  const env = { ...process.env, ...(k6 === undefined ? {} : { PERF_K6: k6 }) };
  const counted = { passed: 0, failed: 0 };
  for (const stage of STAGES) {
    const ended = await Promise.all(stage.map((each) => jest(each, env)));
    stage.forEach((each, at) => {
      const own = countTests(each);
      counted.passed += own.passed;
      counted.failed += own.failed;
      problems.push(...own.problems);
      if (ended[at] !== 0 && own.failed === 0) problems.push(`jest, project ${each.project}, ended with ${ended[at]}`);
    });
  }
  if (counted.passed === 0) problems.push('no test passed');

  for (const problem of problems) process.stderr.write(`make test: ${problem}\n`);
  const line = `${counted.passed} passed, ${counted.failed} failed\n`;
  writeFileSync(summary, line);
  process.stdout.write(line);
  return problems.length === 0 && counted.failed === 0 ? 0 : 1;
}

main().then((code) => {
  process.exitCode = code;
});
