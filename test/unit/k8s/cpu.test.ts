import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { watchPods } from '../../../scripts/k8s/cpu';

const servers: Server[] = [];

/** A k6 that says how much CPU it has used, which grows from look to look. */
async function podWith(secondsPerLook: number | null): Promise<string> {
  let seconds = 0;
  const server = createServer((_request, answer) => {
    seconds += secondsPerLook ?? 0;
    answer.end(secondsPerLook === null ? 'go_goroutines 7\n' : `process_cpu_seconds_total ${seconds}\n`);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

test('the busiest pod is kept, whichever it is', async () => {
  // Idle, and busier than any machine is: how long a look takes does not decide which of them it is.
  const { generator, look } = watchPods([await podWith(0), await podWith(1e6), await podWith(0)], 2);
  for (let at = 0; at < 3; at++) await look();
  expect(generator.cpuLimit).toBe(2);
  expect(generator.samples).toHaveLength(2);
  for (const { share, waiting } of generator.samples) {
    expect(share).toBeGreaterThan(1);
    expect(waiting).toBeNull();
  }
});

test('a pod that is not there, or says nothing of its CPU, is no sample', async () => {
  const gone = await podWith(1);
  await new Promise((done) => servers[0]?.close(done));
  const { generator, look } = watchPods([gone, await podWith(null)], 2);
  for (let at = 0; at < 3; at++) await look();
  expect(generator.samples).toEqual([]);
});
