import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli, type Finished, repository, startCli, temporaryFolder, until } from '../support/cli';
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
const fileIn = (name: string, kind: string, extension: string): string =>
  join(
    folder,
    name,
    readdirSync(join(folder, name)).find((file) => file.startsWith(kind) && file.endsWith(extension)) ?? '',
  );

type Failure = [name: string, text: string, why: RegExp];
const all = (cases: readonly Failure[], each: (...args: Failure) => Promise<void>): Promise<unknown> =>
  Promise.all(cases.map((args) => each(...args)));

/** As the guide has it, with one function that takes the time. */
const GUIDE = `
import asyncio

def hot():
    return sum(i * i for i in range(2_000_000))

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
      /^its own output True __main__\nPROFILE {2}\d+ % of [\d.]+ m?s went within <genexpr> \(<code>:5\)\n/,
    );
    expect(kindsIn('guide')).toEqual(['cprofile.html', 'cprofile.stats', 'cprofile.txt', 'summary.txt']);
    const summary = readFileSync(fileIn('guide', 'summary', '.txt'), 'utf8');
    expect(stdout).toContain(summary);
    expect(summary).toMatch(/Functions by their own time\nfunction .*\n<genexpr> \(<code>:5\) +own code +2,000,001/);
    expect(readFileSync(fileIn('guide', 'cprofile', '.txt'), 'utf8')).toMatch(
      /Ordered by: internal time[\s\S]*<code>:5\(<genexpr>\)/,
    );
    expect(readFileSync(fileIn('guide', 'cprofile', '.html'), 'utf8')).toContain('went within &lt;genexpr&gt;');
    const loaded = execFileSync(
      'python3',
      [
        '-c',
        'import pstats, sys; print(max((row[2], key[2]) for key, row in pstats.Stats(sys.argv[1]).stats.items())[1])',
        fileIn('guide', 'cprofile', '.stats'),
      ],
      { encoding: 'utf8' },
    );
    expect(loaded).toBe('<genexpr>\n');
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

  test('standard input is a program as well', () => {
    const args = [join(repository, 'bin', 'fiml-perf.js'), ...profiled('stdin', '--code-file', '-')];
    const { status, stdout } = spawnSync(process.execPath, args, {
      input: 'print("read")',
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
      ],
      async (name, text, why) => {
        const { code, stdout, stderr } = await cli(profiled(name, '--code', FIRST + text));
        expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
        expect(stderr).toMatch(/<code> failed, so this is no profile of it:/);
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
    let said = '';
    interrupted.child.stdout?.on('data', (chunk: string) => {
      said += chunk;
    });
    await until(() => said.includes('under way'), 'the program runs');
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
});
