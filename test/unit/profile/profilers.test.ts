import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CpuProfile, toProfile } from '../../../scripts/profile/cpu/node';
import { perfProblem, perfProfile } from '../../../scripts/profile/cpu/perf';
import { pySpyProblem } from '../../../scripts/profile/cpu/py-spy';
import { sourceOf } from '../../../scripts/profile/cpu/source-maps';
import { totalWeight } from '../../../scripts/profile/stacks/profile';
import { functionTotals, type Total } from '../../../scripts/profile/stacks/totals';
import { temporaryFolder } from '../../support/cli';

const sharesOf = (totals: readonly Total[]) =>
  Object.fromEntries(totals.map(({ name, self, total }) => [name, [self, total].map((share) => share.toFixed(2))]));

describe('a CPU profile of V8', () => {
  const call = (functionName: string, url = '', lineNumber = -1) => ({
    functionName,
    url,
    lineNumber,
    columnNumber: 0,
  });
  const profile: CpuProfile = {
    nodes: [
      { id: 1, callFrame: call('(root)'), children: [2, 3] },
      { id: 2, callFrame: call('(idle)') },
      { id: 3, callFrame: call('handler', 'file:///srv/app.js', 9), children: [4] },
      { id: 4, callFrame: call('', 'file:///srv/app.js', 19) },
    ],
    startTime: 1000,
    endTime: 11_000,
    samples: [3, 4, 2, 4],
    timeDeltas: [0, 2000, 3000, 4000],
  };
  const asItIs = <T>(frame: T): T => frame;

  test('a sample stands for the time until the next one, and waiting is left out', () => {
    const stacks = toProfile(profile, false, asItIs);
    // 2 ms in handler, 3 ms and the last 1 ms in what it calls; 4 ms idle.
    expect(totalWeight(stacks)).toBeCloseTo(6);
    expect(stacks.samples).toBe(3);
    expect(sharesOf(functionTotals(stacks))).toEqual({ handler: ['0.33', '1.00'], '(anonymous)': ['0.67', '0.67'] });
    expect(functionTotals(stacks).map(({ where }) => where)).toEqual(['/srv/app.js:10', '/srv/app.js:20']);
  });

  test('waiting is shown where it was asked for', () => {
    expect(totalWeight(toProfile(profile, true, asItIs))).toBeCloseTo(10);
  });
});

describe('source maps', () => {
  let folder: string;
  beforeAll(() => {
    folder = temporaryFolder('source-maps');
    writeFileSync(join(folder, 'bundle.js'), 'a();\n//# sourceMappingURL=bundle.js.map\n');
    // Line 1, column 0 of the bundle is line 3, column 0 of the source.
    const map = { version: 3, sources: ['../src/a.ts'], names: [], mappings: 'AAEA' };
    writeFileSync(join(folder, 'bundle.js.map'), JSON.stringify(map));
    writeFileSync(join(folder, 'plain.js'), 'a();\n');
    writeFileSync(join(folder, 'broken.js'), 'a();\n//# sourceMappingURL=missing.js.map\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('lead from a bundle to its source', () => {
    const frame = { name: 'a', file: join(folder, 'bundle.js'), line: 1 };
    expect(sourceOf()(frame, 0)).toEqual({ name: 'a', file: join(folder, '../src/a.ts'), line: 3 });
  });

  test.each(['plain.js', 'broken.js', 'gone.js'])('what has none stays as it is: %s', (name) => {
    const frame = { name: 'a', file: join(folder, name), line: 1 };
    expect(sourceOf()(frame, 0)).toEqual(frame);
  });
});

describe('perf', () => {
  /** As perf 6.1 wrote it of a busy program, cut to two samples. */
  const RECORDED = `node 17261 36141.520994: 
\t    7f6f60006113 [unknown] (/tmp/perf-17261.map)
\t          c494db v8::internal::(anonymous namespace)::Invoke (/usr/bin/node)
\t           2724a __libc_start_call_main (/usr/lib/x86_64-linux-gnu/libc.so.6)

node 17261 36141.531063: 
\tffffffff81b2ab8c finish_task_switch.isra.0 ([kernel.kallsyms])
\t          c494db v8::internal::(anonymous namespace)::Invoke (/usr/bin/node)
\t           2724a __libc_start_call_main (/usr/lib/x86_64-linux-gnu/libc.so.6)

`;

  test('its stacks are read, the outermost function first', () => {
    const profile = perfProfile(RECORDED);
    expect(profile.samples).toBe(2);
    expect(profile.stacks.map(({ frames }) => frames.map((at) => profile.frames[at]?.name))).toEqual([
      ['__libc_start_call_main', 'v8::internal::(anonymous namespace)::Invoke', '[unknown]'],
      ['__libc_start_call_main', 'v8::internal::(anonymous namespace)::Invoke', 'finish_task_switch.isra.0'],
    ]);
    expect(profile.frames.map(({ file }) => file)).toContain('[kernel]');
  });

  test('nothing recorded is no sample', () => expect(perfProfile('\n').samples).toBe(0));
});

describe('what a profiler may not do is told with what to type', () => {
  const ran = (stderr: string) => ({ code: 1, stdout: '', stderr });

  test('py-spy', () => {
    const text = pySpyProblem(7, ran('Error: Permission Denied: Try running again with elevated permissions\n'));
    for (const hint of ['process 7', 'sudo env', 'kernel.yama.ptrace_scope=0', '--cap-add SYS_PTRACE']) {
      expect(text).toContain(hint);
    }
    expect(pySpyProblem(7, ran('Error: Failed to find python version from target process\n'))).toContain(
      'pip install --upgrade py-spy',
    );
    expect(pySpyProblem(7, ran('Error: something else\n'))).toBe(
      'py-spy could not profile process 7 (exit code 1): Error: something else',
    );
  });

  test('perf', () => {
    const text = perfProblem(
      7,
      ran('Error:\nAccess to performance monitoring and observability operations is limited.\n'),
    );
    for (const hint of ['kernel.perf_event_paranoid', '--cap-add PERFMON']) expect(text).toContain(hint);
    expect(perfProblem(7, ran('failed to mmap'))).not.toContain('--cap-add');
  });
});
