import { join } from 'node:path';
import { countPorts, freeDiskBytes, openFileLimit, readMachine } from '../../../scripts/doctor/machine';
import { lookAtConnections, lookAtCpu, lookAtDisk, lookAtMemory } from '../../../scripts/doctor/machine-findings';

const machine = {
  load: 1.5,
  cores: 2,
  freeMemoryBytes: 4e9,
  memoryBytes: 8e9,
  openFiles: 1024,
  localPorts: 28_232,
};

test('limits are read as the system writes them', () => {
  const limits = 'Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096  files\n';
  expect(openFileLimit(limits)).toBe(1024);
  expect(openFileLimit(limits.replace('1024', 'unlimited'))).toBeNull();
  expect(openFileLimit(null)).toBeNull();
  expect(countPorts('32768\t60999\n')).toBe(28_232);
  expect(countPorts('60999 32768')).toBeNull();
  expect(countPorts(null)).toBeNull();
});

test('this machine has some of everything', () => {
  const here = readMachine();
  expect(here.cores).toBeGreaterThan(0);
  expect(here.freeMemoryBytes).toBeGreaterThan(0);
  expect(here.freeMemoryBytes).toBeLessThanOrEqual(here.memoryBytes);
});

test('a folder that does not exist yet has the room of the one above', () => {
  expect(freeDiskBytes(join(__dirname, 'not', 'yet'))).toBeGreaterThan(0);
});

test('a machine is judged by what is left of it', () => {
  expect(lookAtCpu(machine).status).toBe('ok');
  expect(lookAtCpu({ ...machine, load: 2.1 }).status).toBe('warn');
  expect(lookAtCpu({ ...machine, load: null }).status).toBe('unknown');
  expect(lookAtMemory(machine).status).toBe('ok');
  expect(lookAtMemory({ ...machine, freeMemoryBytes: 100e6 }).status).toBe('warn');
  expect(lookAtDisk('results', 1e9).status).toBe('ok');
  expect(lookAtDisk('results', 1e6)).toMatchObject({ status: 'bad', next: expect.stringContaining('PERF_RESULTS') });
  expect(lookAtDisk('results', null).status).toBe('unknown');
  expect(lookAtConnections(machine).detail).toContain('1024');
  expect(lookAtConnections({ ...machine, openFiles: null, localPorts: null }).status).toBe('unknown');
});
