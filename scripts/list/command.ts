import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { scenarioNames } from '../../build/scenarios';
import { type Config, ConfigError, formatDuration, parseConfig } from '../../config';
import { mostVirtualUsers, PROFILES, planFor } from '../../profiles';
import { TARGETS, uptimeSamples } from '../../thresholds';
import { overridesMarkdown } from '../overrides/help';
import { root } from '../root';
import { formatBytes, percent } from '../text/format';
import { table } from '../text/table';
import { faultsTable } from './faults';
import { targetsTable } from './targets';

/** `fiml-perf list`: what there is to run, and what a run of it needs. */
export function listCommand(): Command {
  return new Command('list')
    .description('scenarios, profiles, targets and faults, with what a run needs under the overrides in force')
    .option('--overrides', 'the overrides as a Markdown table')
    .action(({ overrides }: { overrides?: boolean }) => {
      process.stdout.write(overrides === true ? overridesMarkdown() : listText(process.env));
    });
}

/** @throws ConfigError when an override in force is wrong. */
export function listText(env: NodeJS.ProcessEnv): string {
  const config = parseConfig(env);
  const scenarios = scenarioNames(root);
  return [
    table(
      ['scenario', 'what it does'],
      scenarios.map((name) => [name, aboutOf(name)]),
      [],
    ),
    '',
    table(
      ['profile', 'scenario', 'duration', 'requests', 'virtual users', 'best hit rate', 'disk', 'about'],
      [...PROFILES.values()].flatMap((profile) =>
        scenarios.map((scenario) => [
          profile.name,
          scenario,
          ...planCells(scenario, { ...config, PERF_PROFILE: profile.name }),
          profile.about,
        ]),
      ),
      [2, 3, 4, 5, 6],
    ),
    '',
    targetsTable(TARGETS),
    '',
    faultsTable(),
    '',
  ].join('\n');
}

function planCells(scenario: string, config: Config): string[] {
  try {
    const plan = planFor(scenario, config, uptimeSamples(TARGETS));
    if (plan === null) return ['', '', '', '', ''];
    return [
      formatDuration(plan.durationMs),
      String(plan.expectedRequests),
      String(mostVirtualUsers(plan)),
      plan.bestHitRate === null ? '' : percent(plan.bestHitRate),
      formatBytes(plan.diskBytes),
    ];
  } catch (error) {
    // What one scenario cannot do under these overrides, another may.
    if (error instanceof ConfigError) return ['not with these overrides', '', '', '', ''];
    throw error;
  }
}

/** The comment with which a scenario's file begins. */
function aboutOf(scenario: string): string {
  const source = readFileSync(join(root, 'scenarios', `${scenario}.ts`), 'utf8');
  return (/^\/\*\*([\s\S]*?)\*\//.exec(source)?.[1] ?? '').replace(/\s*\n\s*\*?\s*/g, ' ').trim();
}
