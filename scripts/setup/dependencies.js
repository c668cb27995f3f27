// Installs the npm dependencies when package-lock.json is not what they were installed from. Plain JavaScript, since it
// runs before anything is installed: `node scripts/setup/dependencies.js`.
const { spawn } = require('node:child_process');
const { createHash } = require('node:crypto');
const { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } =
  require('node:fs');
const { dirname, join, resolve } = require('node:path');

const OLDEST_NODE = 20;

/** Says what the dependencies in node_modules were installed from. */
const stampFile = (root) => join(root, 'node_modules', '.fiml-perf-setup');

/** Some packages are binaries: a folder that came from another platform does not do. */
function wanted(root) {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  return `${lock} ${process.platform}-${process.arch}\n`;
}

/** Whether the last set-up finished, with this very lock file. */
function isInstalled(root) {
  try {
    return readFileSync(stampFile(root), 'utf8') === wanted(root);
  } catch {
    return false;
  }
}

/**
 * What is wrong with node_modules, or undefined. Cheap, for every start of the command. An `npm ci` by hand leaves no
 * stamp, but npm's own list of what it installed, written last: newer than the lock file is good enough.
 * @param {string} root
 * @returns {string | undefined}
 */
function dependenciesProblem(root) {
  const installed = statSync(join(root, 'node_modules', '.package-lock.json'), { throwIfNoEntry: false });
  if (installed === undefined) return 'the npm dependencies are not installed';
  const lock = statSync(join(root, 'package-lock.json'));
  if (installed.mtimeMs >= lock.mtimeMs || isInstalled(root)) return undefined;
  return 'package-lock.json changed since the npm dependencies were installed';
}

/** npx and npm scripts find the command here; npm makes such links for the packages below a project, not for itself. */
function linkCommand(root) {
  const link = join(root, 'node_modules', '.bin', 'fiml-perf');
  if (process.platform === 'win32' || existsSync(link)) return;
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true }); // A link that leads nowhere exists for symlinkSync.
  symlinkSync('../../bin/fiml-perf.js', link);
  chmodSync(join(root, 'bin', 'fiml-perf.js'), 0o755);
}

function npmCi(root) {
  return new Promise((done) => {
    const windows = process.platform === 'win32';
    const child = spawn(windows ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: windows,
    });
    child.on('error', (error) => done(`npm cannot be started: ${error.message}`));
    child.on('close', (code, signal) =>
      done(code === 0 ? undefined : `npm ci ended with ${signal ?? `exit code ${code}`}`),
    );
  });
}

async function main() {
  const root = resolve(__dirname, '..', '..');
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    process.stderr.write(`Node ${OLDEST_NODE} or newer is needed; this is ${process.version}.\n`);
    return 2;
  }
  if (!isInstalled(root)) {
    process.stderr.write('npm: installing the dependencies from package-lock.json\n');
    const stamp = wanted(root);
    // First of all, so that an installation that is interrupted counts as none.
    rmSync(stampFile(root), { force: true });
    const problem = await npmCi(root);
    if (problem !== undefined) {
      process.stderr.write(
        `${problem}; what it said is above. Check the network and npm's registry setting, then run: make setup\n`,
      );
      return 2;
    }
    const unfinished = `${stampFile(root)}.${process.pid}`;
    writeFileSync(unfinished, stamp);
    renameSync(unfinished, stampFile(root));
  }
  linkCommand(root);
  return 0;
}

module.exports = { dependenciesProblem, isInstalled };

if (require.main === module) {
  main().then((code) => {
    process.exitCode = code;
  });
}
