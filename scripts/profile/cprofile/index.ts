import { Option } from 'commander';
import { UserError } from '../../errors';
import { EXIT_OK } from '../../exit-codes';
import { findOnPath } from '../../setup/find';
import { formatValue, grouped, percent } from '../../text/format';
import type { Findings, FindingsTable } from '../findings';
import { untilInterrupted } from '../interruption';
import type { Mode } from '../modes';
import { DURATION, PYTHON, readDurationMs } from '../options';
import { shortPath } from '../short-path';
import { packageOf } from '../stacks/package';
import { mustBeOneProgram, readCode } from './code';
import { type CProfile, type ProfiledFunction, runCProfile } from './run';

const CODE = new Option('--code <text>', 'Python program to profile');
const CODE_FILE = new Option('--code-file <file>', 'the same from a file; - for standard input');
const MOST_ROWS = 20;
const NOTES = [
  'Times are wall time, so a function that waits counts too: what asyncio waits for is in its select or poll.',
  'cProfile costs some time for each call, so what makes many small calls looks slower than it is; the sampled profile of the server (--mode cpu) has no such bias.',
  'Other threads are not measured reliably, and processes that the program starts not at all.',
];

/** `--mode cprofile`: a Python program under cProfile, in an interpreter of the user's. */
export const CPROFILE: Mode = {
  name: 'cprofile',
  about: "every call of a Python program, in FIML's own interpreter",
  options: [CODE, CODE_FILE, PYTHON, DURATION],
  subject(flags) {
    mustBeOneProgram(flags);
    return 'code';
  },
  async run(flags, output) {
    const code = readCode(flags);
    const python = flags.python ?? findOnPath('python3', process.env, process.platform);
    if (python === undefined) {
      throw new UserError(
        "there is no python3 on PATH: name the interpreter that has the program's packages by --python, such as .venv/bin/python",
      );
    }
    const durationMs = flags.duration === undefined ? null : readDurationMs(flags);
    const files = { stats: output.path('cprofile', 'stats'), report: output.path('cprofile', 'txt') };
    const profile = await untilInterrupted((signal) => runCProfile({ python, code, durationMs, signal, files }));
    return findingsOf(profile, code.name);
  },
};

const STOPPED = { deadline: 'at the end of --duration', interruption: 'by Ctrl-C' } as const;

/** @param name of the program. */
export function findingsOf({ functions, durationMs, stoppedBy, python }: CProfile, name: string): Findings {
  const totalMs = functions.reduce((sum, { selfMs }) => sum + selfMs, 0);
  const bySelf = [...functions].sort((a, b) => b.selfMs - a.selfMs);
  const [hottest] = bySelf;
  const stopped = stoppedBy === null ? '' : `, stopped ${STOPPED[stoppedBy]}`;
  return {
    kind: 'cprofile',
    verdict: 'PROFILE',
    exitCode: EXIT_OK,
    headline:
      hottest === undefined
        ? `${name} called nothing that cProfile sees${stopped}`
        : `${percent(hottest.selfMs / totalMs, 0)} of ${formatValue(totalMs, 'ms')} went within ${placeOf(hottest)}${stopped}`,
    about: [`${name} under cProfile, Python ${python.version} at ${python.path}`],
    facts: [
      { name: 'measured', value: formatValue(totalMs, 'ms') },
      { name: 'from start to end', value: formatValue(durationMs, 'ms') },
      { name: 'functions', value: grouped(functions.length) },
      { name: 'calls', value: grouped(functions.reduce((sum, { calls }) => sum + calls, 0)) },
    ],
    notes: NOTES,
    tables: [
      functionsTable('Functions by their own time', bySelf, totalMs),
      functionsTable(
        'Functions by their time with all that they called',
        [...functions].sort((a, b) => b.totalMs - a.totalMs),
        totalMs,
      ),
      packagesTable(functions, totalMs),
    ],
    figures: [],
    flameGraph: null,
  };
}

const functionsTable = (title: string, functions: readonly ProfiledFunction[], totalMs: number): FindingsTable => ({
  title,
  hint: '',
  head: ['function', 'package', 'calls', 'own time', 'share', 'with callees'],
  right: [2, 3, 4, 5],
  rows: functions
    .slice(0, MOST_ROWS)
    .map((one) => [
      placeOf(one),
      packageOfFunction(one),
      grouped(one.calls),
      formatValue(one.selfMs, 'ms'),
      percent(one.selfMs / totalMs),
      formatValue(one.totalMs, 'ms'),
    ]),
});

function packagesTable(functions: readonly ProfiledFunction[], totalMs: number): FindingsTable {
  const packages = new Map<string, number>();
  for (const one of functions) {
    const name = packageOfFunction(one);
    packages.set(name, (packages.get(name) ?? 0) + one.selfMs);
  }
  return {
    title: 'Packages by the own time of their functions',
    hint: '',
    head: ['package', 'time', 'share'],
    right: [1, 2],
    rows: [...packages]
      .sort(([, a], [, b]) => b - a)
      .slice(0, MOST_ROWS)
      .map(([name, selfMs]) => [name, formatValue(selfMs, 'ms'), percent(selfMs / totalMs)]),
  };
}

const packageOfFunction = ({ file, name }: ProfiledFunction): string => packageOf(file === '~' ? '' : file, name);

/** `slow (fiml/cache.py:12)`; what is built in has no file. */
const placeOf = ({ name, file, line }: ProfiledFunction): string =>
  file === '~' ? name : `${name} (${shortPath(file)}:${line})`;
