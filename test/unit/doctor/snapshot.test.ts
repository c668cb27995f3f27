import { targetSnapshot } from '../../../scripts/doctor';
import { clientOf, closeAll, deadAddress, reference, serve, serveAlways } from './servers';

afterEach(closeAll);

test('one process has one start time', async () => {
  const snapshot = await targetSnapshot(clientOf((await reference()).url));
  expect(snapshot).toMatchObject({ version: '0.4.1', environment: 'test', startTimesS: { length: 1 } });
});

test('several workers behind one address are met on several connections', async () => {
  const snapshot = await targetSnapshot(clientOf((await reference({ workers: 3 })).url));
  const starts = snapshot?.startTimesS ?? [];
  expect(starts).toHaveLength(3);
  expect([...starts].sort((a, b) => a - b)).toEqual(starts);
});

test('a server that does not answer has no snapshot', async () => {
  expect(await targetSnapshot(clientOf(await deadAddress()))).toBeNull();
  const frozen = await reference({ faults: { freeze: true } });
  expect(await targetSnapshot(clientOf(frozen.url, { PERF_TIMEOUT: '100ms' }))).toBeNull();
});

test('what a server does not tell stays unknown', async () => {
  const unknown = { version: null, environment: null, startTimesS: [] };
  expect(await targetSnapshot(clientOf(await serveAlways(404, 'text/html', '<html>')))).toMatchObject(unknown);
  // The number belongs to another metric.
  const page = 'other_process_start_time_seconds 5\nprocess_start_time_seconds_created 6\n';
  expect(await targetSnapshot(clientOf(await serveAlways(200, 'text/plain', page)))).toMatchObject(unknown);
  const busy = await serve((request, response) => {
    if (request.url === '/health') response.writeHead(500).end();
    else response.end('process_start_time_seconds 1.7e+09\n');
  });
  expect(await targetSnapshot(clientOf(busy))).toMatchObject({ ...unknown, startTimesS: [1.7e9] });
});
