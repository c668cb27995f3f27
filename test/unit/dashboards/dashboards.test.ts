import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { parse } from 'yaml';
import { DASHBOARDS, dashboardFiles } from '../../../dashboards';
import { DATASOURCE_UID } from '../../../dashboards/panels';
import { panelsOf, queriesOf } from '../../support/prometheus';

const room = join(__dirname, '../../../dashboards');
const boards = Object.entries(DASHBOARDS).map(([name, make]): [string, Dashboard] => [name, make()]);
/** Filled by Grafana itself. */
const GRAFANAS = ['__range', '__rate_interval', '__interval'];

test.each(Object.entries(dashboardFiles()))('%s is what its source makes: npm run dashboards', (path, text) => {
  expect(existsSync(join(room, path)) ? readFileSync(join(room, path), 'utf8') : '').toBe(text);
});

test('nothing else lies beside them', () => {
  const there = ['grafana', 'rules'].flatMap((folder) =>
    readdirSync(join(room, folder)).map((name) => `${folder}/${name}`),
  );
  expect(there.sort()).toEqual(Object.keys(dashboardFiles()).sort());
});

describe.each(boards)('%s', (name, board) => {
  const panels = panelsOf(board) as unknown as readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly description?: string;
    readonly datasource?: { readonly uid: string };
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
    readonly targets?: readonly { readonly refId: string }[];
  }[];
  const shown = panels.filter(({ type }) => type !== 'row');

  test('has a fixed uid, a tag and links by which the others are found', () => {
    expect(board.uid).toBe(`fiml-perf-${name}`);
    expect(board.tags).toEqual(['fiml-perf']);
    expect(board.links).toMatchObject([{ type: 'dashboards', tags: ['fiml-perf'], keepTime: true }]);
  });

  test('has panels with ids of their own, none over another', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { id } of panels) expect(id).toBeGreaterThan(0);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    const overlaps = panels.flatMap((one, at) =>
      panels.slice(at + 1).filter(({ gridPos: b }) => {
        const a = one.gridPos;
        return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
      }),
    );
    expect(overlaps).toEqual([]);
  });

  test('says of each panel what it shows, in which unit, from the chosen Prometheus', () => {
    for (const { title, description, datasource, fieldConfig, type } of shown) {
      expect({ title, description }).toEqual({
        title: expect.stringMatching(/./),
        description: expect.stringMatching(/.{4}/),
      });
      expect(datasource?.uid).toBe('$datasource');
      if (type !== 'table')
        expect({ title, unit: fieldConfig?.defaults.unit }).toMatchObject({ unit: expect.stringMatching(/./) });
    }
    for (const { targets = [] } of shown) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  test('uses no variable that it does not have, and has none that it does not use', () => {
    const variables = (board.templating?.list ?? []).map((one) => one.name);
    const asked = (board.templating?.list ?? []).flatMap(({ query }) => JSON.stringify(query ?? ''));
    const used = [...queriesOf(board).map(({ expr }) => expr), ...asked].flatMap((expr) =>
      [...expr.matchAll(/\$\{?(\w+)\}?/g)].map(([, variable = '']) => variable),
    );
    expect(used.filter((variable) => ![...variables, ...GRAFANAS].includes(variable))).toEqual([]);
    expect(variables.filter((variable) => ![...used, 'datasource'].includes(variable))).toEqual([]);
  });

  test('rounds nothing away, averages no quantile and no share of single series', () => {
    for (const { where, expr } of queriesOf(board)) {
      expect({ where, expr }).not.toMatchObject({
        expr: expect.stringMatching(/\bround\(|\bavg\b.*(quantile|_rate\b)/),
      });
      // k6's shares are of single series: 0 or 1 where the status is a label.
      expect({ where, expr }).not.toMatchObject({
        expr: expect.stringMatching(/k6_(http_req_failed|checks|fiml_failed)_rate/),
      });
    }
  });
});

test('the datasource that is provisioned is the one that the boards begin with', () => {
  const { datasources } = parse(readFileSync(join(room, 'provisioning/datasources/prometheus.yml'), 'utf8'));
  expect(datasources).toMatchObject([{ uid: DATASOURCE_UID, type: 'prometheus' }]);
  for (const [, { templating }] of boards) {
    expect(templating?.list?.[0]).toMatchObject({
      name: 'datasource',
      type: 'datasource',
      current: { value: DATASOURCE_UID },
    });
  }
});

test('limit lines are those of the targets, in Prometheus’ units', () => {
  const [, run] = boards.find(([name]) => name === 'run') as [string, Dashboard];
  const lines = panelsOf(run) as unknown as {
    title: string;
    fieldConfig: { defaults: { thresholds: { steps: object[] } } };
  }[];
  const limitOf = (title: string) =>
    lines.find((panel) => panel.title === title)?.fieldConfig.defaults.thresholds.steps;
  expect(limitOf('P95 latency, cached queries')).toEqual([
    { value: null, color: 'green' },
    { value: 0.2, color: 'red' },
  ]);
  expect(limitOf('Cache hit rate')).toEqual([
    { value: null, color: 'red' },
    { value: 0.8, color: 'green' },
  ]);
});
