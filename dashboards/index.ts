import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { stringify } from 'yaml';
import { compareDashboard } from './compare';
import { historyDashboard } from './history';
import { laidOut } from './layout';
import { alertRules, recordingRules } from './rules';
import { runDashboard } from './run';
import { serverDashboard } from './server';

export const DASHBOARDS: Readonly<Record<string, () => Dashboard>> = {
  run: () => laidOut(runDashboard().build()),
  server: () => laidOut(serverDashboard().build()),
  compare: () => laidOut(compareDashboard().build()),
  history: () => laidOut(historyDashboard().build()),
};

const MADE = '# Made by `make dashboards` from dashboards/rules.ts and thresholds/; changes here are lost.\n';
const yaml = (value: object): string => MADE + stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });

/** The files that this room is the source of, by their path in it. They are committed: who uses them needs no Node. */
export const dashboardFiles = (): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    Object.entries(DASHBOARDS).map(([name, make]) => [`grafana/${name}.json`, `${JSON.stringify(make(), null, 2)}\n`]),
  ),
  'rules/targets.yml': yaml(recordingRules()),
  'rules/alerts.yml': yaml(alertRules()),
});
