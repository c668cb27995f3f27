import fc from 'fast-check';
import { type Alarm, openAlarm } from '../../../reference/alarm';

let alarm: Alarm;
beforeEach(() => {
  alarm = openAlarm();
});
afterEach(() => alarm.close());

/** Two clocks are compared, of which each rounds. */
const ROUNDING_MS = 0.001;

test('nobody is woken early, as Node wakes them, nor after one whose moment comes later', async () => {
  const durations = fc.array(fc.double({ min: 0, max: 8, noNaN: true }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(durations, async (ms) => {
      const woken: number[] = [];
      const sleep = async (durationMs: number, index: number) => {
        const startedAt = performance.now();
        await alarm.sleep(durationMs);
        woken.push(index);
        expect(performance.now() - startedAt).toBeGreaterThan(durationMs - ROUNDING_MS);
      };
      await Promise.all(ms.map(sleep));
      expect(woken).toHaveLength(ms.length);
      // Of two, the one that was asked for first and is no longer than the other ends first.
      const overtaken = woken.filter((index, at) =>
        woken.slice(0, at).some((other) => other > index && (ms[other] ?? 0) >= (ms[index] ?? 0)),
      );
      expect(overtaken).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

test('a nearer moment is not kept waiting for one that was asked for before', async () => {
  const order: string[] = [];
  const far = alarm.sleep(60_000).then(() => order.push('far'));
  await alarm.sleep(5).then(() => order.push('near'));
  await Promise.race([far, alarm.sleep(1)]);
  expect(order).toEqual(['near']);
});

test('closed, it wakes nobody and leaves no thread', async () => {
  let woken = false;
  const slept = alarm.sleep(20).then(() => {
    woken = true;
  });
  await alarm.close();
  await Promise.race([slept, new Promise((over) => setTimeout(over, 50))]);
  expect(woken).toBe(false);
});
