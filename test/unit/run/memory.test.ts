import { residentBytes, watchMemory } from '../../../scripts/run/memory';

/** Larger than any that the kernel gives. */
const NOBODY = 2 ** 30;

test('a process has as much memory as it says of itself', () => {
  const told = process.memoryUsage.rss();
  expect(Math.abs((residentBytes(process.pid) ?? 0) - told) / told).toBeLessThan(0.1);
});

test('of a process that is not there nothing is known, and it is refused before any load', () => {
  expect(residentBytes(NOBODY)).toBeNull();
  expect(() => watchMemory(NOBODY)).toThrow(
    /^PERF_SERVER_PID: \/proc\/\d+\/status does not tell .* is \d+ the server's\?$/,
  );
});

test('it is looked at again and again, until it is enough', async () => {
  const { looks, stop } = watchMemory(process.pid);
  const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
  while (looks.length < 2) await pause(100);
  stop();
  const { length } = looks;
  await pause(700);
  expect(looks).toHaveLength(length);
  expect(looks.every(({ bytes }) => bytes > 1e6)).toBe(true);
});
