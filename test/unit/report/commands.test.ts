import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendObservation, historyPath } from '../../../scripts/history/file';
import { judge } from '../../../scripts/judge';
import { judgeCommand } from '../../../scripts/judge/command';
import { render } from '../../../scripts/report';
import { reportCommand } from '../../../scripts/report/command';
import { verdictSchema } from '../../../scripts/result/verdict';
import { useColors } from '../../../scripts/text/colors';
import { exists, until } from '../../support/cli';
import { evidence } from '../../support/evidence';
import { observation } from '../../support/observations';

let folder: string;
let shown: string;
const { exitCode } = process;
const environment = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'judged-'));
  shown = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    shown += String(text);
    return true;
  });
  jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = exitCode;
  process.env = { ...environment };
  rmSync(folder, { recursive: true, force: true });
});

const good = evidence();
const bad = evidence({ hotMs: [300], coldMs: [1] });

function put({ run, result, summary }: typeof good): void {
  writeFileSync(join(folder, 'run.json'), JSON.stringify(run));
  writeFileSync(join(folder, 'result.json'), JSON.stringify(result));
  writeFileSync(join(folder, 'summary.json'), JSON.stringify(summary));
}

const verdictFile = () => verdictSchema.parse(JSON.parse(readFileSync(join(folder, 'verdict.json'), 'utf8')));

describe('fiml-perf judge', () => {
  const run = (...args: string[]) => judgeCommand().parseAsync([folder, ...args], { from: 'user' });

  test('shows and writes the verdict, and ends with its code', async () => {
    put(bad);
    await run();
    expect(verdictFile()).toEqual(judge(bad));
    expect(process.exitCode).toBe(1);
    expect(shown).toBe(render(bad, judge(bad)).console(false));
  });

  test('fails on what else shall fail', async () => {
    put(good);
    await run();
    expect(process.exitCode).toBe(0);
    await run('--fail-on', 'pass');
    expect(process.exitCode).toBe(1);
    expect(verdictFile()).toMatchObject({ verdict: 'PASS', exitCode: 1 });
  });

  test('in CI annotates and does not colour, whatever the terminal', async () => {
    put(bad);
    process.env.FORCE_COLOR = '1';
    await run('--ci');
    expect(shown).not.toContain('\u001b');
    expect(shown.match(/^::error title=fiml-perf FAIL::/gm)).toHaveLength(judge(bad).reasons.length);
    shown = '';
    await run();
    expect(shown).toContain('\u001b[31mFAIL');
    expect(shown).not.toContain('::error');
  });
});

describe('fiml-perf report', () => {
  const run = (...args: string[]) => reportCommand().parseAsync([folder, ...args], { from: 'user' });

  test('shows the report of the verdict that was written, without judging anew', async () => {
    put(bad);
    const verdict = { ...judge(bad), reasons: ['a reason of its own'] };
    writeFileSync(join(folder, 'verdict.json'), JSON.stringify(verdict));
    await run();
    expect(shown).toBe(render(bad, verdict).markdown);
    expect(shown).toContain('- a reason of its own\n');
  });

  test('or writes it to a file', async () => {
    put(good);
    writeFileSync(join(folder, 'verdict.json'), JSON.stringify(judge(good)));
    const output = join(folder, 'PERFORMANCE_REPORT.md');
    await run('--output', output);
    expect(readFileSync(output, 'utf8')).toBe(render(good, judge(good)).markdown);
    expect(shown).toBe('');
  });

  test('or the page instead, with the history of its scenario up to that run', async () => {
    put(good);
    writeFileSync(join(folder, 'verdict.json'), JSON.stringify(judge(good)));
    process.env.PERF_HISTORY = join(folder, 'history');
    const { startedAtMs } = good.run.k6;
    appendObservation(historyPath(process.env.PERF_HISTORY, 'load', 'smoke'), observation(0, {}, { startedAtMs }));
    appendObservation(
      historyPath(process.env.PERF_HISTORY, 'load', 'smoke'),
      observation(1, {}, { startedAtMs: startedAtMs + 1 }),
    );
    await run('--format', 'html');
    expect(shown).toMatch(/^<!DOCTYPE html>/);
    expect(shown).toContain('over 1 run.');
    expect(shown).not.toContain('over 2 runs.');
  });

  test('is not lost for a history that cannot be read', async () => {
    put(good);
    writeFileSync(join(folder, 'verdict.json'), JSON.stringify(judge(good)));
    process.env.PERF_HISTORY = folder;
    writeFileSync(historyPath(folder, 'load', 'smoke'), '{"schema":"fiml-perf/observation","version":999}\n');
    await run('--format', 'html');
    expect(shown).toBe(render(good, judge(good)).html(null));
  });

  describe('--open', () => {
    const page = () => join(folder, 'report.html');
    const told = () => jest.mocked(process.stderr.write).mock.calls.join('');

    test('writes the page anew, and hands it to what shows pages here', async () => {
      put(good);
      writeFileSync(join(folder, 'verdict.json'), JSON.stringify(judge(good)));
      const opener = join(folder, process.platform === 'darwin' ? 'open' : 'xdg-open');
      writeFileSync(
        opener,
        `#!/bin/sh\necho "$1" >'${folder}/shown.tmp' && mv '${folder}/shown.tmp' '${folder}/shown'\n`,
      );
      chmodSync(opener, 0o755);
      process.env.PATH = `${folder}:${process.env.PATH}`;
      await run('--open');
      await until(() => exists(join(folder, 'shown')), 'the opener to be started');
      expect(readFileSync(join(folder, 'shown'), 'utf8')).toBe(`${page()}\n`);
      expect(readFileSync(page(), 'utf8')).toMatch(/^<!DOCTYPE html>/);
      expect(told()).toBe(`opened: ${page()}\n`);
    });

    test('where nothing does, says where it is', async () => {
      put(good);
      writeFileSync(join(folder, 'verdict.json'), JSON.stringify(judge(good)));
      process.env.PATH = folder;
      await run('--open');
      expect(told()).toBe(`there is no program here to open it with: ${page()}\n`);
      expect(exists(page())).toBe(true);
    });
  });

  test('of a run that was not judged says how it would be', async () => {
    put(good);
    await expect(run()).rejects.toThrow(`${folder} has no verdict yet; run: fiml-perf judge ${folder}`);
  });
});

test('colours are for terminals, unless NO_COLOR or FORCE_COLOR say otherwise', () => {
  const colors = (env: NodeJS.ProcessEnv, isTTY: boolean | undefined) => {
    process.env = { ...env };
    const stdout = jest.spyOn(process, 'stdout', 'get').mockReturnValue({ isTTY } as typeof process.stdout);
    const wanted = useColors();
    stdout.mockRestore();
    return wanted;
  };
  expect(colors({}, true)).toBe(true);
  expect(colors({}, undefined)).toBe(false);
  expect(colors({ NO_COLOR: '1' }, true)).toBe(false);
  expect(colors({ NO_COLOR: '' }, true)).toBe(true);
  expect(colors({ FORCE_COLOR: '1' }, undefined)).toBe(true);
  expect(colors({ FORCE_COLOR: '0' }, true)).toBe(false);
  expect(colors({ FORCE_COLOR: '1', NO_COLOR: '1' }, true)).toBe(false);
});
