import { countCpus, quotaCpus } from '../../../scripts/run/cpu';

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
