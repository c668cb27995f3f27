import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../scripts/is-alive';
import { cli, type Finished, repository, type Started, startCli, temporaryFolder, until } from '../support/cli';
import { describeWithPrograms } from '../support/programs';

let folder: string;
beforeAll(() => {
  folder = temporaryFolder('cprofile');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const profiled = (name: string, ...args: string[]): string[] => [
  'profile',
  '--mode',
  'cprofile',
  '--out',
  join(folder, name),
  ...args,
];
const kindsIn = (name: string): string[] =>
  readdirSync(join(folder, name))
    .map((file) => file.replace(/_code_[\dT-]+/, ''))
    .sort();
/** What a program says of itself, as soon as it has said so much. */
async function saysOf({ child }: Started, text: string): Promise<string> {
  let said = '';
  child.stdout?.on('data', (chunk: string) => {
    said += chunk;
  });
  await until(() => said.includes(text), `the program says ${text}`);
  return said;
}
const fileIn = (name: string, kind: string, extension: string): string =>
  join(
    folder,
    name,
    readdirSync(join(folder, name)).find((file) => file.startsWith(kind) && file.endsWith(extension)) ?? '',
  );

type Failure = [name: string, text: string, why: RegExp];
const all = (cases: readonly Failure[], each: (...args: Failure) => Promise<void>): Promise<unknown> =>
  Promise.all(cases.map((args) => each(...args)));

/**
 * As the guide has it, with one function that takes the time. It calls nothing: cProfile's own cost for each call goes to
 * the caller, which on some machines would make that one the slower.
 */
const GUIDE = `
import asyncio

def hot():
    total = 0
    for i in range(2_000_000):
        total += i * i
    return total

async def test():
    await asyncio.sleep(0.01)
    print('its own output', hot() > 0, __name__)

asyncio.run(test())
`;
/** What was measured before is kept, so there must be something. */
const FIRST = 'def first():\n    return 1\nfirst()\n';
const FOREVER = 'import time\nprint("under way", flush=True)\n';

describeWithPrograms(['python3'], 'a Python program under cProfile', () => {
  let unwilling: Promise<Finished>;
  // That it is not killed before its patience is over takes as long as the other tests.
  beforeAll(() => {
    const stubborn = 'while True:\n    try:\n        time.sleep(1)\n    except KeyboardInterrupt:\n        pass';
    unwilling = cli(profiled('unwilling', '--duration', '1s', '--code', FOREVER + stubborn));
  });

  test("the guide's example shows the function that takes the time, on top of all that is told", async () => {
    const { code, stdout } = await cli(profiled('guide', '--code', GUIDE));
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^its own output True __main__\nPROFILE {2}\d+ % of [\d.]+ m?s went within hot \(<code>:4\)\n/,
    );
    expect(kindsIn('guide')).toEqual(['cprofile.html', 'cprofile.stats', 'cprofile.txt', 'summary.txt']);
    const summary = readFileSync(fileIn('guide', 'summary', '.txt'), 'utf8');
    expect(stdout).toContain(summary);
    expect(summary).toMatch(/Functions by their own time\nfunction .*\nhot \(<code>:4\) +own code +1 /);
    expect(readFileSync(fileIn('guide', 'cprofile', '.txt'), 'utf8')).toMatch(
      /Ordered by: internal time[\s\S]*<code>:4\(hot\)/,
    );
    expect(readFileSync(fileIn('guide', 'cprofile', '.html'), 'utf8')).toContain('went within hot (&lt;code&gt;:4)');
    const loaded = execFileSync(
      'python3',
      [
        '-c',
        'import pstats, sys; print(max((row[2], key[2]) for key, row in pstats.Stats(sys.argv[1]).stats.items())[1])',
        fileIn('guide', 'cprofile', '.stats'),
      ],
      { encoding: 'utf8' },
    );
    expect(loaded).toBe('hot\n');
  });

  test('a file is run as python runs it, in the interpreter that is named', async () => {
    writeFileSync(join(folder, 'beside.py'), 'def answer():\n    return 42\n');
    writeFileSync(
      join(folder, 'main.py'),
      'import os, sys\nfrom beside import answer\nif __name__ == "__main__":\n    print(answer(), os.environ["NAMED"], os.path.basename(sys.argv[0]))\n',
    );
    const python = join(folder, 'python');
    writeFileSync(python, '#!/bin/sh\nNAMED=yes exec python3 "$@"\n');
    chmodSync(python, 0o755);
    const { code, stdout } = await cli(profiled('file', '--code-file', join(folder, 'main.py'), '--python', python));
    expect({ code, first: stdout.split('\n')[0] }).toEqual({ code: 0, first: '42 yes main.py' });
  });

  test('what it forks ends as it would without, and is no part of it', async () => {
    const text = `
import os, signal, time
def child():
    return 1
def ending_of(act):
    pid = os.fork()
    if pid == 0:
        child()
        act()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
def fail():
    raise SystemExit(7)
print(ending_of(fail), ending_of(lambda: os.kill(os.getpid(), signal.SIGTERM)))
`;
    const { code, stdout, stderr } = await cli(profiled('forks', '--code', text));
    expect({ code, stderr, first: stdout.split('\n')[0] }).toEqual({ code: 0, stderr: '', first: '7 -15' });
    expect(stdout).not.toMatch(/^child /m);
  });

  test('standard input is a program as well, in the encoding that it names', () => {
    const args = [join(repository, 'bin', 'fiml-perf.js'), ...profiled('stdin', '--code-file', '-')];
    const { status, stdout } = spawnSync(process.execPath, args, {
      // An é of Latin-1, which is no UTF-8.
      input: Buffer.from('# coding: latin-1\nprint("read" if ord("\u00e9") == 233 else "garbled")', 'latin1'),
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect({ status, first: stdout.split('\n')[0] }).toEqual({ status: 0, first: 'read' });
  });

  test('one that fails is no pass, and what ran of it is kept', async () => {
    await all(
      [
        ['raises', 'raise ValueError("boom")', /File "<code>", line 4, in <module>\n[\s\S]*ValueError: boom/],
        ['exits', 'import sys\nsys.exit(3)', /it called sys\.exit\(3\)/],
        ['says-why', 'import sys\nsys.exit("no database")', /it called sys\.exit\('no database'\)/],
        ['interrupts-itself', 'raise KeyboardInterrupt', /<code> was interrupted, by itself or by another program/],
      ],
      async (name, text, why) => {
        const { code, stdout, stderr } = await cli(profiled(name, '--code', FIRST + text));
        expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
        expect(stderr).toMatch(/<code> .*, so this is no profile of it/);
        expect(stderr).toMatch(why);
        expect(stderr).not.toContain('runner');
        expect(kindsIn(name)).toEqual(['cprofile.stats', 'cprofile.txt']);
        expect(readFileSync(fileIn(name, 'cprofile', '.txt'), 'utf8')).toContain('(first)');
      },
    );
  });

  test('nor is one of which nothing was measured', async () => {
    await all(
      [
        ['does-not-compile', 'def (', /SyntaxError/],
        ['leaves', 'import os\nos._exit(0)', /it ended with exit code 0 before cProfile could .*; nothing is kept/],
        [
          'leaves-a-child',
          'import os\nif os.fork():\n    os._exit(0)',
          /it ended with exit code 0 before cProfile could/,
        ],
        ['is-killed', 'import os, signal\nos.kill(os.getpid(), signal.SIGKILL)', /SIGKILL ended it before/],
      ],
      async (name, text, why) => {
        const { code, stderr } = await cli(profiled(name, '--code', text));
        expect(code).toBe(2);
        expect(stderr).toMatch(why);
        expect(kindsIn(name)).toEqual([]);
      },
    );
  });

  test('an interpreter that is not there is named', async () => {
    const { code, stderr } = await cli(profiled('nowhere', '--code', 'pass', '--python', '/nowhere/python'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/--python \/nowhere\/python: it cannot be started .* name an interpreter/);
  });

  test('one that does not end is stopped, by --duration or by Ctrl-C, whether it wants to or not', async () => {
    const bounded = cli(profiled('bounded', '--duration', '1s', '--code', `${FOREVER}time.sleep(600)`));
    const interrupted = startCli(profiled('interrupted', '--code', `${FOREVER}time.sleep(600)`));
    await saysOf(interrupted, 'under way');
    interrupted.child.kill('SIGINT');
    for (const [{ code, stdout }, why] of [
      [await interrupted.finished, 'by Ctrl-C'],
      [await bounded, 'at the end of --duration'],
      [await unwilling, 'at the end of --duration'],
    ] as const) {
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`went within <built-in method time\\.sleep>, stopped ${why}\n`));
    }
  });

  test('a second Ctrl-C ends it at once, with all that it left behind', async () => {
    const heedless =
      'import os, signal, time\nfor name in (signal.SIGINT, signal.SIGTERM):\n    signal.signal(name, lambda *_: print("heard", flush=True))\nprint("id", os.getpid(), "", flush=True)\nwhile True:\n    time.sleep(1)';
    const started = startCli(profiled('impatient', '--code', heedless));
    const said = await saysOf(started, ' \n');
    const pid = Number(/id (\d+)/.exec(said)?.[1]);
    const heard = saysOf(started, 'heard');
    started.child.kill('SIGINT');
    await heard;
    started.child.kill('SIGINT');
    expect(await started.finished).toMatchObject({ code: 130 });
    await until(() => !isAlive(pid), 'the program has ended');
    expect(kindsIn('impatient')).toEqual([]);
  });
});
