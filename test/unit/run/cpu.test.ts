import { countCpus, quotaCpus, waitedSince } from '../../../scripts/run/cpu';

test.each([
  ['0', 1],
  ['0-3', 4],
  ['0-3,8', 5],
  ['1,3,5-6', 4],
])('affinity %s is %d CPUs', (list, cpus) => expect(countCpus(list)).toBe(cpus));

test.each([
  ['200000 100000\n', 2],
  ['50000 100000', 0.5],
  ['max 100000', null],
  ['', null],
  ['100000 0', null],
])('cpu.max %j is %p CPUs', (text, cpus) => expect(quotaCpus(text)).toBe(cpus));

describe('the time that threads have waited for a CPU', () => {
  const thread = (ready: boolean, ranNs: number, waitedNs: number) => ({ ready, ranNs, waitedNs });
  const waited = (before: ReturnType<typeof thread>, now: ReturnType<typeof thread>) =>
    waitedSince(new Map([['1', before]]), new Map([['1', now]]), 1);

  test('is what the kernel counted, summed over threads', () => {
    const before = new Map([['1', thread(false, 0, 5e8)]]);
    const now = new Map([
      ['1', thread(false, 1e8, 7e8)],
      ['2', thread(false, 1e8, 1e8)],
    ]);
    expect(waitedSince(before, now, 1)).toBeCloseTo(0.3);
  });

  test('is all of it for a thread that was ready throughout and never ran', () => {
    expect(waited(thread(true, 1e8, 0), thread(true, 1e8, 0))).toBe(1);
  });

  test('is nothing for one that slept, or that ran throughout', () => {
    expect(waited(thread(false, 1e8, 0), thread(true, 1e8, 0))).toBe(0);
    expect(waited(thread(true, 0, 0), thread(true, 1e9, 0))).toBe(0);
  });

  test('is no more than the time that passed, when a long wait ends', () => {
    expect(waited(thread(true, 1e8, 0), thread(true, 2e8, 6e9))).toBe(1);
  });
});
