import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, OVERRIDES, type Override } from '../../../config';
import { FAULTS, type Fault, PROFILES, planFor } from '../../../profiles';
import { listCommand, listText } from '../../../scripts/list/command';
import { targetsTable } from '../../../scripts/list/targets';
import { effectiveOverrides } from '../../../scripts/overrides/effective';
import { FLAGGED, flagOf } from '../../../scripts/overrides/flags';
import { overridesHelp, overridesMarkdown } from '../../../scripts/overrides/help';
import { root } from '../../../scripts/root';
import type { PreparedRun } from '../../../scripts/run';
import { planText } from '../../../scripts/run/dry-run';
import { minimumSamples, TARGETS, uptimeSamples } from '../../../thresholds';
import { given } from '../../support/evidence';
import { tablesIn } from '../report/markdown-reader';

const ALL = OVERRIDES as readonly Override[];
const SECRETS = ALL.filter(({ secret }) => secret);
const SCENARIOS = readdirSync(join(root, 'scenarios'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace('.ts', ''));
const cellsOf = (line: string) => line.trim().split(/\s{2,}/);

/** Lines of a text whose first cells are these. */
const rows = (text: string, ...start: string[]) =>
  text
    .split('\n')
    .map(cellsOf)
    .filter((cells) => start.every((cell, at) => cells[at] === cell));

describe('the list', () => {
  const text = listText({});

  test('has every scenario with what it does, as its file begins', () => {
    expect(SCENARIOS.length).toBeGreaterThan(1);
    for (const scenario of SCENARIOS) {
      const [row] = rows(text, scenario);
      expect(given(row)[1]).toMatch(/^\w.*[.?]$/);
      expect(readFileSync(join(root, 'scenarios', `${scenario}.ts`), 'utf8')).toContain(given(row)[1]?.slice(0, 30));
    }
  });

  test('has every profile with every scenario, and what a run of it needs', () => {
    const { config } = effectiveOverrides({}, {});
    for (const name of PROFILES.keys()) {
      for (const scenario of SCENARIOS) {
        const [row = []] = rows(text, name, scenario);
        const plan = planFor(scenario, { ...config, PERF_PROFILE: name }, uptimeSamples(TARGETS));
        if (plan === null) expect(row.length).toBeLessThan(5);
        else expect(row).toContain(String(plan.expectedRequests));
        expect(row.at(-1)).toBe(PROFILES.get(name)?.about);
      }
    }
  });

  test('has every target with its limit and the samples that it takes', () => {
    for (const target of TARGETS) {
      const [row = []] = rows(text, target.id);
      expect(row.slice(0, 2)).toEqual([target.id, target.title]);
      expect(row).toContain(String(minimumSamples(target)));
      expect(row.at(-1)).toBe(target.source);
    }
    expect(rows(text, 'p95-cached')[0]?.slice(2, 5)).toEqual(['below 200 ms', 'fail', '59']);
    expect(rows(text, 'uptime')[0]?.[2]).toBe('above 99.5 %');
  });

  test('has every fault under its scenario, with what is broken and what can make it', () => {
    for (const [scenario, faults] of Object.entries<readonly Fault[]>(FAULTS)) {
      for (const { name, about } of faults) expect(rows(text, name, scenario, about)).toHaveLength(1);
    }
    expect(rows(text, 'redis-down', 'redis-down')[0]?.at(-1)).toBe(
      "Toxiproxy, the reference server's control port, your own commands",
    );
    expect(rows(text, 'maxclients', 'redis-connections')[0]?.at(-1)).toBe('the store itself, your own commands');
  });

  test('counts with the overrides in force', () => {
    const [usual = []] = rows(text, 'smoke', 'load');
    const [doubled = []] = rows(listText({ PERF_TIME_SCALE: '2' }), 'smoke', 'load');
    expect(doubled[2]).not.toBe(usual[2]);
    expect(Number(doubled[3])).toBeGreaterThan(Number(usual[3]));
  });

  test('says which scenario these overrides do not allow, and refuses wrong ones', () => {
    const closed = listText({ PERF_MODEL: 'closed' });
    for (const name of PROFILES.keys()) {
      expect(rows(closed, name, 'targets')[0]?.[2]).toBe('not with these overrides');
      expect(rows(closed, name, 'load')[0]?.[2]).not.toBe('not with these overrides');
    }
    expect(() => listText({ PERF_RATE: 'many' })).toThrow(ConfigError);
    expect(() => listText({ PERF_RAET: '1' })).toThrow(ConfigError);
  });

  test('is what the command shows, and the overrides are with their option', async () => {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    await listCommand().parseAsync([], { from: 'user' });
    await listCommand().parseAsync(['--overrides'], { from: 'user' });
    const [listed, overrides] = write.mock.calls.map(([shown]) => shown);
    write.mockRestore();
    expect(listed).toMatch(/^scenario +what it does\n/);
    expect(overrides).toBe(overridesMarkdown());
  });
});

describe('the overrides', () => {
  test('as Markdown have each one once, with its option, type, default and meaning', () => {
    const [head, ...table] = given(tablesIn(overridesMarkdown())[0]);
    expect(head).toEqual(['Variable', 'Option', 'Type or unit', 'Default', 'Meaning']);
    expect(table.map(([name]) => name)).toEqual(ALL.map(({ name }) => `\`${name}\``));
    for (const cells of table) {
      expect(cells).toHaveLength(5);
      expect(cells[2]).not.toBe('');
      expect(cells[4]).not.toBe('');
    }
    expect(table.find(([name]) => name === '`PERF_TIME_SCALE`')).toEqual([
      '`PERF_TIME_SCALE`',
      '`--time-scale`',
      'number',
      '`1`',
      expect.stringMatching(/^multiplies every phase's length/),
    ]);
    expect(table.find(([name]) => name === '`PERF_MODEL`')?.[2]).toBe('open or closed');
    expect(table.find(([name]) => name === '`PERF_RECORD`')?.[4]).toMatch(/\(plain k6 ignores it\)$/);
  });

  test('that are secrets have no option anywhere', () => {
    expect(SECRETS.length).toBeGreaterThan(0);
    const [, ...table] = given(tablesIn(overridesMarkdown())[0]);
    for (const { name } of SECRETS) {
      expect(table.find(([cell]) => cell === `\`${name}\``)?.[1]).toBe('');
      expect(overridesMarkdown()).not.toContain(`${flagOf(name)}\``);
      expect(FLAGGED.map((override) => override.name)).not.toContain(name);
    }
  });

  test('that are options have one of their own each', () => {
    const flags = FLAGGED.map(({ name }) => flagOf(name));
    expect(new Set(flags).size).toBe(flags.length);
    for (const flag of flags) expect(flag).toMatch(/^--[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(flagOf('PERF_TIME_SCALE')).toBe('--time-scale');
  });

  test('stand in the help, each once', () => {
    const help = overridesHelp();
    for (const { name } of ALL) expect(rows(help, name)).toHaveLength(1);
    expect(help).toContain('secrets have no');
  });
});

describe('what a run is going to be', () => {
  const { config, env, options } = effectiveOverrides(
    { PERF_AUTHORIZATION: 'Bearer t0ken-of-mine' },
    { PERF_SEED: '7' },
  );
  const plan = given(planFor('load', config, uptimeSamples(TARGETS)));
  const prepared: PreparedRun = {
    request: { scenario: 'load', env: {}, flags: {}, out: null, stream: process.stderr, quiet: true },
    config,
    env,
    options,
    plan,
    targets: [...TARGETS],
    script: 'dist/load.js',
    notes: ['K6_VUS was ignored: it would replace what the scenario says'],
  };

  test('is told with its phases, counts, options and where they come from, targets and notes', () => {
    const text = planText(prepared);
    expect(text).toMatch(/^load: nothing was sent\n/);
    expect(rows(text, 'requests', `about ${plan.expectedRequests}`)).toHaveLength(1);
    for (const { phase } of plan.phases) expect(text).toContain(phase);
    expect(rows(text, 'PERF_SEED', '7', 'command line')).toHaveLength(1);
    expect(rows(text, 'PERF_MODEL', 'open', 'default')).toHaveLength(1);
    for (const { id } of TARGETS) expect(rows(text, id)).toHaveLength(1);
    expect(text).toContain('\nK6_VUS was ignored');
  });

  test('says who holds the targets: k6 as well, or of a larger load the judge alone', () => {
    const saidOf = (expectedRequests: number) =>
      rows(planText({ ...prepared, plan: { ...plan, expectedRequests } }), 'thresholds')[0]?.[1];
    expect(saidOf(300_000)).toBe("the judge's, and k6's own");
    expect(saidOf(300_001)).toBe("the judge's alone, none in k6: more than 300000 requests");
  });

  test('holds no secret', () => {
    const text = planText(prepared);
    expect(rows(text, 'PERF_AUTHORIZATION', 'set', 'environment')).toHaveLength(1);
    expect(text).not.toContain('t0ken');
  });

  test('is said of a scenario that makes its own, and of one that reads no cache', () => {
    expect(planText({ ...prepared, plan: null })).toContain('this scenario has no plan of its own');
    expect(planText({ ...prepared, plan: { ...plan, bestHitRate: null } })).toContain('not measured');
  });

  test('shows no value and no title as more than text', () => {
    const hostile = 'a\u001b[31m\nb\u202e';
    const text = planText({ ...prepared, options: { PERF_ONLY: { value: hostile, source: 'environment' } } });
    const table = targetsTable(TARGETS.map((target) => ({ ...target, title: hostile, scenarios: [hostile] })));
    for (const shown of [text, table]) expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(table.split('\n')).toHaveLength(TARGETS.length + 1);
  });
});
