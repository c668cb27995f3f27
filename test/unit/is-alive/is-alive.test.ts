import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAlive } from '../../../scripts/is-alive';
import { until } from '../../support/cli';

/** A process that starts another, tells its id and goes on without ever asking how that one ended. */
async function parent(child: string) {
  const shell = spawn('sh', ['-c', `${child} & echo $!; exec sleep 60`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(shell.stdout, 'data');
  return { pid: Number(String(line)), stop: () => shell.kill('SIGKILL') };
}

test('a process that runs lives, and one that has ended does not, even while its parent has not asked how', async () => {
  const [running, ended] = [await parent('sleep 60'), await parent('true')];
  try {
    expect(isAlive(running.pid)).toBe(true);
    await until(() => !isAlive(ended.pid), 'the process has ended');
    // To the system it is still there.
    expect(() => process.kill(ended.pid, 0)).not.toThrow();
  } finally {
    process.kill(running.pid, 'SIGKILL');
    running.stop();
    ended.stop();
  }
  await until(() => !isAlive(ended.pid), 'it is gone for good');
});

test.each([0, -1, 1.5, Number.NaN])('%d is no process', (pid) => {
  expect(isAlive(pid)).toBe(false);
});
