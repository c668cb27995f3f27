import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { findServer, named } from '../../../scripts/profile/process/find';
import { listenersIn, portsOf, processesAt } from '../../../scripts/profile/process/listeners';
import { processOf, runtimeOf } from '../../../scripts/profile/process/runtime';
import { testWhere } from '../../support/k6';

test('listening sockets are told from connections, in both tables of the kernel', () => {
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
  const rest = '00000000:00000000 00:00000000 00000000     0        0';
  const table = [
    head,
    `   0: 0100007F:1F90 00000000:0000 0A ${rest} 4711 1 0 100 0 0 10 0`,
    `   1: 0100007F:1F90 0100007F:C001 01 ${rest} 4712 1 0 20 4 30 10 -1`,
    `   2: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A ${rest} 4713 1 0 100 0 0 10 0`,
    '',
  ].join('\n');
  expect(listenersIn(table)).toEqual([
    { port: 8080, inode: '4711' },
    { port: 80, inode: '4713' },
  ]);
});

test('the process behind a port is found, as long as it listens', async () => {
  const server = createServer();
  const port = await new Promise<number>((done) => {
    server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port));
  });
  expect(processesAt(port)).toContain(process.pid);
  expect(portsOf(process.pid)).toContain(port);
  expect(findServer(`http://127.0.0.1:${port}`).pids).toContain(process.pid);
  await new Promise((done) => server.close(done));
  expect(processesAt(port)).toEqual([]);
  expect(() => findServer(`http://127.0.0.1:${port}`)).toThrow(/no process is seen to listen .*--pid/s);
});

testWhere(
  ['python3', '--version'],
  'a process that has ended, and whose parent has not asked for it yet, is none of a server',
  async () => {
    const code = [
      'import os, socket',
      'server = socket.create_server(("127.0.0.1", 0))',
      'ended = os.fork() or os._exit(0)',
      'os.waitid(os.P_PID, ended, os.WEXITED | os.WNOWAIT)',
      'print(server.getsockname()[1], ended, flush=True)',
      'input()',
    ].join('\n');
    const server = spawn('python3', ['-c', code], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const [port, child] = await new Promise<number[]>((done) =>
        server.stdout.once('data', (line: Buffer) => done(String(line).split(' ').map(Number))),
      );
      expect(() => processOf(child ?? 0)).toThrow(/there is no process/);
      expect(processesAt(port ?? 0)).toEqual([server.pid]);
    } finally {
      server.kill('SIGKILL');
    }
  },
);

test('a process that is named is taken, and doubted where another one listens', async () => {
  const server = createServer();
  const port = await new Promise<number>((done) => {
    server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port));
  });
  const url = `http://user:secret@127.0.0.1:${port}`;
  expect(named(process.pid, url)).toEqual({ pids: [process.pid], doubt: null });
  const { pids, doubt } = named(1, url);
  expect(pids).toEqual([1]);
  expect(doubt).toMatch(new RegExp(`^process 1, .* does not listen at .*, as .*${process.pid}.* does`));
  expect(doubt).not.toContain('secret');
  await new Promise((done) => server.close(done));
  // Of what listens elsewhere, or of another user's, the kernel tells nothing here.
  expect(named(1, url).doubt).toBeNull();
  expect(named(1, 'http://192.0.2.1:8000').doubt).toBeNull();
});

test('a server on another machine has no process here', () => {
  expect(() => findServer('http://192.0.2.1:8000')).toThrow(/192\.0\.2\.1 is not this machine.*--pid/s);
});

test.each([
  ['python3.11', '', 'python'],
  ['pypy3.10', '', 'python'],
  ['uwsgi', '7f00-7f01 r-xp 00000000 08:01 1  /usr/lib/libpython3.11.so.1.0\n', 'python'],
  ['node', '', 'node'],
  ['nodejs', '', 'node'],
  ['nodemon', '', 'native'],
  ['redis-server', '', 'native'],
])('%s is profiled as %s', (program, maps, runtime) => {
  expect(runtimeOf(program, maps)).toBe(runtime);
});

test('this process is known as Node, and one that is not there is an error that says how to find it', () => {
  expect(processOf(process.pid)).toMatchObject({ pid: process.pid, runtime: 'node' });
  // Beyond the largest id that Linux gives.
  expect(() => processOf(4_194_305)).toThrow(/there is no process 4194305 here: pgrep/);
});
