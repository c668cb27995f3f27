import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendObservation, historyPath } from '../../../scripts/history/file';
import { judge } from '../../../scripts/judge';
import { judgeCommand } from '../../../scripts/judge/command';
import { render } from '../../../scripts/report';
import { reportCommand } from '../../../scripts/report/command';
import { FORMATS, type Format } from '../../../scripts/report/formats';
import { reportSchema } from '../../../scripts/result/report';
import { verdictSchema } from '../../../scripts/result/verdict';
import { useColors } from '../../../scripts/text/colors';
import { exists, until } from '../../support/cli';
import { comparison } from '../../support/comparison';
import { evidence } from '../../support/evidence';
import { fullOf, fullPart } from '../../support/full';
import { suitesIn } from '../../support/junit';
import { observation } from '../../support/observations';

let folder: string;
let shown: string;
let told: string;
const { exitCode } = process;
const environment = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'judged-'));
  shown = '';
  told = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    shown += String(text);
    return true;
  });
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += String(text);
    return true;
  });
  delete process.env.GITHUB_STEP_SUMMARY;
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = exitCode;
  process.env = { ...environment };
  rmSync(folder, { recursive: true, force: true });
});

const good = evidence();
const bad = evidence({ hotMs: [300], coldMs: [1] });

function put({ run, result, summary }: typeof good, where = folder): void {
  mkdirSync(where, { recursive: true });
  writeFileSync(join(where, 'run.json'), JSON.stringify(run));
  writeFileSync(join(where, 'result.json'), JSON.stringify(result));
  writeFileSync(join(where, 'summary.json'), JSON.stringify(summary));
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

describe('what judge tells programs', () => {
  const run = (...args: string[]) => judgeCommand().parseAsync([folder, ...args], { from: 'user' });

  test('is one document on standard output, and people read standard error', async () => {
    put(bad);
    await run('--json', '--ci');
    expect(verdictSchema.parse(JSON.parse(shown))).toEqual(judge(bad));
    expect(told).toContain(render(bad, judge(bad)).console(false));
    expect(told).toContain('::error title=fiml-perf FAIL::');
  });

  test('or a file, which replaces one of its own kind only', async () => {
    put(good);
    const file = join(folder, 'out.json');
    await run('--json', file);
    expect(shown).toBe(render(good, judge(good)).console(false));
    writeFileSync(file, readFileSync(file));
    await run('--json', file);
    expect(verdictSchema.parse(JSON.parse(readFileSync(file, 'utf8')))).toEqual(judge(good));
    await expect(run('--json', join(folder, 'run.json'))).rejects.toThrow(
      'run.json holds something else than fiml-perf/verdict and is not replaced; give --json another file, or give it last',
    );
    await expect(run('--json', folder)).rejects.toThrow('is a folder');
  });

  test('is the summary of the step in CI, and the file of its test tab always', async () => {
    put(bad);
    process.env.GITHUB_STEP_SUMMARY = join(folder, 'step.md');
    await run();
    expect(() => readFileSync(join(folder, 'step.md'))).toThrow('ENOENT');
    await run('--ci');
    expect(readFileSync(join(folder, 'step.md'), 'utf8')).toMatch(/^### FAIL: load, profile smoke/);
    expect(readFileSync(join(folder, 'junit.xml'), 'utf8')).toBe(FORMATS.junit([render(bad, judge(bad))]));
  });

  test('that cannot be written leaves a verdict that fails, and one that passes no success', async () => {
    process.env.GITHUB_STEP_SUMMARY = join(folder, 'no', 'such');
    put(bad);
    await run('--ci');
    expect(process.exitCode).toBe(1);
    put(good);
    await run('--ci');
    expect(process.exitCode).toBe(2);
    expect(told).toContain('the summary of the step');
  });
});

describe('several folders', () => {
  const at = (name: string) => join(folder, name);
  const run = (...args: string[]) => reportCommand().parseAsync(args, { from: 'user' });
  const judged = (measured: typeof good, name: string) => {
    put(measured, at(name));
    writeFileSync(join(at(name), 'verdict.json'), JSON.stringify(judge(measured)));
  };
  const holding = (name: string, file: string, content: unknown) => {
    mkdirSync(at(name));
    writeFileSync(join(at(name), file), JSON.stringify(content));
  };

  test('of runs, comparisons and full suites are one report, in every form', async () => {
    judged(good, 'a');
    judged(bad, 'b');
    holding('c', 'comparison.json', comparison());
    holding('d', 'full.json', fullOf(fullPart({ folder: null, verdict: 'NOT RUN', countsAs: 'INVALID', exitCode: 3 })));
    const output: Partial<Record<Format, string>> = {};
    for (const format of Object.keys(FORMATS) as Format[]) {
      if (format === 'html') continue;
      shown = '';
      await run('--format', format, at('a'), at('b'), at('c'), at('d'));
      output[format] = shown;
    }
    const document = reportSchema.parse(JSON.parse(output.json ?? ''));
    expect(document.parts.map((part) => part.document.verdict)).toEqual(['FAIL', 'REGRESSED', 'INVALID', 'PASS']);
    expect(output.markdown).toMatch(/^# FAIL: 4 verdicts: 1 FAIL, 1 REGRESSED, 1 INVALID, 1 PASS\n/);
    expect(output.github).toMatch(/^### FAIL: 4 verdicts/);
    expect(output.comment).toMatch(/^<!-- fiml-perf -->\n### FAIL: 4 verdicts/);
    expect(suitesIn(output.junit ?? '').map(({ name }) => name)).toEqual([
      'load.smoke',
      'comparison.load.smoke',
      'full',
      'load.smoke (2)',
    ]);
  });

  test('have a page each, and none together', async () => {
    judged(good, 'a');
    holding('c', 'comparison.json', comparison());
    holding('d', 'full.json', fullOf(fullPart()));
    for (const name of ['a', 'c', 'd']) {
      shown = '';
      await run('--format', 'html', at(name));
      expect(shown).toMatch(/^<!doctype html>/i);
    }
    const several = 'page of one folder';
    await expect(run('--format', 'html', at('a'), at('c'))).rejects.toThrow(several);
    await expect(run('--open', at('a'), at('c'))).rejects.toThrow(several);
  });

  test('are refused with all that is wrong with any of them', async () => {
    judged(good, 'a');
    put(good, at('unjudged'));
    mkdirSync(at('empty'));
    holding('c', 'comparison.json', { schema: 'fiml-perf/comparison' });
    const failure = await run(at('a'), at('unjudged'), at('empty'), at('missing'), at('c'), at('a')).catch(String);
    expect(failure).toContain(`${at('a')} is given twice`);
    expect(failure).toContain(`${at('unjudged')} has no verdict yet`);
    expect(failure).toContain(`${at('empty')} holds no run.json`);
    expect(failure).toContain(`${at('missing')}: there is no such folder`);
    expect(failure).toContain('comparison.json: the comparison does not have the expected form');
    expect(shown).toBe('');
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
      process.env.DISPLAY = ':0';
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
      process.env.DISPLAY = ':0';
      await run('--open');
      expect(told()).toBe(`there is no browser here to open it with: ${page()}\n`);
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
