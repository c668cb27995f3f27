import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { isAlive } from '../../../scripts/is-alive';
import { until } from '../../support/cli';

/** A process that starts another, tells its id and goes on without ever asking how that one ended. */
async function parent() {
  const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(shell.stdout, 'data');
  // The shell would ask; what takes its place does not.
  await until(() => readFileSync(`/proc/${shell.pid}/comm`, 'utf8') === 'sleep\n', 'the shell has given way');
  return { child: Number(String(line)), stop: () => shell.kill('SIGKILL') };
}

test('a process that runs lives, and one that has ended does not, even while its parent has not asked how', async () => {
  const { child, stop } = await parent();
  try {
    expect(isAlive(child)).toBe(true);
    process.kill(child, 'SIGKILL');
    await until(() => !isAlive(child), 'the process has ended');
    // To the system it is still there.
    expect(() => process.kill(child, 0)).not.toThrow();
  } finally {
    stop();
  }
  await until(() => !isAlive(child), 'it is gone for good');
});

test.each([0, -1, 1.5, Number.NaN])('%d is no process', (pid) => {
  expect(isAlive(pid)).toBe(false);
});
