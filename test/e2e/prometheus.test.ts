import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { parse } from 'yaml';
import { type AlertRule, alertName } from '../../dashboards/rules';
import { startPrometheus } from '../../scripts/prometheus/server';
import { countIn, mergeSeries, quantile, selectSeries } from '../../scripts/result/query';
import { type Result, resultSchema } from '../../scripts/result/result';
import { runSchema } from '../../scripts/result/run';
import { TARGETS } from '../../thresholds';
import { cli, type Finished, repository, temporaryFolder, until, verdictIn } from '../support/cli';
import { judged } from '../support/load';
import { describeWithPrograms } from '../support/programs';
import { filled, PrometheusClient, queriesOf, type Series } from '../support/prometheus';
import { type ReferenceProcess, setFaults, startReferenceProcess } from '../support/reference';

const DEADLINE_MS = 300_000;
/** Of k6's native histograms: neighbouring bounds differ by this factor. */
const BUCKET = 1.1;

/** More than the longest iteration that the generator has users for, so that it saturates, and than any target allows. */
const SLOW_MS = 3100;

const text = (path: string): string => readFileSync(join(repository, 'dashboards', path), 'utf8');
const board = (name: string): Dashboard => JSON.parse(text(`grafana/${name}.json`)) as Dashboard;
const BOARDS = ['run', 'server', 'compare', 'history'].map(board);
interface Rules {
  readonly groups: readonly { readonly rules: readonly (AlertRule & { readonly record?: string })[] }[];
}
const rulesIn = (file: string) => (parse(text(`rules/${file}.yml`)) as Rules).groups.flatMap(({ rules }) => rules);

/** A run, and the stretch of time in which Prometheus heard of it. */
interface Made extends Finished {
  readonly folder: string;
  readonly id: string;
  readonly result: Result;
  readonly startMs: number;
  readonly endMs: number;
}

describeWithPrograms(['prometheus', 'promtool'], 'a Prometheus that is told two runs and scrapes their server', () => {
  const folder = temporaryFolder('prometheus');
  let server: ReferenceProcess;
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
  let ask: PrometheusClient;
  /** Of a healthy server. */
  let healthy: Made;
  /** Of one that fails in four layers, is slow and has nothing cached, with a fault on top. */
  let broken: Made;
  /** What became of a run whose Prometheus took its first write and none after it. */
  let lost: Finished;

  beforeAll(async () => {
    server = await startReferenceProcess(['--control-port', '0']);
    prometheus = await startPrometheus({ port: 0, target: server.url, env: process.env });
    ask = new PrometheusClient(prometheus.url);
    healthy = await make('load', 'healthy', '--duration', '6s', '--spawn-rate', '100');
    // A rate takes two scrapes, and a range is asked for by the second.
    const scrapes = 'count_over_time(fiml_request_duration_seconds_count[20s] offset 1s) > 1';
    await until(async () => (await ask.instant(scrapes, Date.now())).length > 0, 'two scrapes of the server');
    healthy = { ...healthy, endMs: Date.now() };
    await setFaults(server, {
      latencyAddMs: { search: SLOW_MS },
      errorRate: { 'http:dsl': 0.3, 'envelope:dsl': 0.3, 'inner:dsl': 0.3, 'data:search': 0.2 },
    });
    const stop = new AbortController();
    const cold = askForColdSymbols(stop.signal);
    const unheard = runUnheard();
    broken = await judged((attempt) =>
      make('provider-failure', `broken-${attempt}`, '--time-scale', '0.1', '--rate', '120'),
    );
    stop.abort();
    await cold;
    lost = await unheard;
  }, DEADLINE_MS);

  afterAll(async () => {
    await prometheus?.stop();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function make(scenario: string, name: string, ...args: string[]): Promise<Made> {
    const out = join(folder, name);
    const startMs = Date.now();
    const finished = await cli(['run', scenario, '--target', server.url, '--out', out, ...args], {
      env: {
        PERF_PROMETHEUS: prometheus.url,
        PERF_CONTROL: server.controlUrl ?? '',
        // Runs of seconds are written as often as those of minutes.
        K6_PROMETHEUS_RW_PUSH_INTERVAL: '1s',
      },
      deadlineMs: DEADLINE_MS,
    });
    const json = (name: string): unknown => JSON.parse(readFileSync(join(out, name), 'utf8'));
    const run = runSchema.parse(json('run.json'));
    expect({ notes: run.notes, stderr: finished.stderr }).toMatchObject({ notes: [] });
    return {
      ...finished,
      folder: out,
      id: run.id,
      result: resultSchema.parse(json('result.json')),
      startMs,
      endMs: Date.now(),
    };
  }

  const unheardFolder = join(folder, 'unheard');

  async function runUnheard(): Promise<Finished> {
    let writes = 0;
    const deaf = createServer((request, answer) => {
      writes += 1;
      answer.statusCode = writes === 1 ? 204 : 503;
      request.resume().on('end', () => answer.end());
    }).listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    const { port } = deaf.address() as AddressInfo;
    try {
      const load = ['--duration', '3s', '--spawn-rate', '100', '--probe-rate', '15'];
      return await cli(['run', 'load', ...load, '--out', unheardFolder], {
        env: { PERF_PROMETHEUS: `http://127.0.0.1:${port}`, K6_PROMETHEUS_RW_PUSH_INTERVAL: '1s' },
        deadlineMs: DEADLINE_MS,
      });
    } finally {
      deaf.closeAllConnections();
      deaf.close();
    }
  }

  /** What nobody has asked for is a miss. */
  async function askForColdSymbols(signal: AbortSignal): Promise<void> {
    for (let round = 0; !signal.aborted; round++) {
      const symbols = Array.from({ length: 50 }, (_, at) => `Z${round}Z${at}`);
      await (await fetch(`${server.url}/api/market/prices?symbols=${symbols.join(',')}`)).arrayBuffer();
    }
  }

  /** Variables as they are when somebody looks at a run. */
  const variablesOf = (run: Made, baseline: Made = healthy): Record<string, string> => ({
    testid: run.id,
    baseline: baseline.id,
    shift: String(Math.round((run.startMs - baseline.startMs) / 1000)),
    instance: '.+',
    test: '.+',
    profile: '.+',
    __range: `${Math.ceil((broken.endMs - healthy.startMs) / 1000)}s`,
    // Grafana's: four scrapes or writes.
    __rate_interval: '20s',
    __interval: '1s',
  });

  const look = (
    run: Made,
    { expr, instant }: { readonly expr: string; readonly instant: boolean },
  ): Promise<Series[]> => {
    const query = filled(expr, variablesOf(run));
    return instant ? ask.instant(query, broken.endMs) : ask.range(query, run.startMs, run.endMs);
  };
  const panel = async (name: string, run: Made): Promise<Series[]> => {
    const found = BOARDS.flatMap(queriesOf).filter(({ where }) => where.includes(name));
    expect(found.map(({ where }) => where)).toHaveLength(1);
    return look(run, found[0] as (typeof found)[number]);
  };
  const only = async (name: string, run: Made): Promise<number> => {
    const [one, ...more] = await panel(name, run);
    expect(more).toEqual([]);
    return one?.value ?? Number.NaN;
  };
  const largest = async (name: string, run: Made): Promise<number> => {
    const [one, ...more] = await panel(name, run);
    expect(more).toEqual([]);
    return one?.largest ?? Number.NaN;
  };

  test('every query of every panel and annotation gives what is to be drawn', async () => {
    const empty: string[] = [];
    for (const query of BOARDS.flatMap(queriesOf)) {
      const found = [...(await look(healthy, query)), ...(await look(broken, query))];
      if (!found.some(({ value }) => Number.isFinite(value))) empty.push(query.where);
    }
    expect(empty.filter((where) => !NOT_HERE.some(({ what }) => what.test(where)))).toEqual([]);
    // What is excused must need it.
    expect(NOT_HERE.filter(({ what }) => !empty.some((where) => what.test(where)))).toEqual([]);
  });

  test('every variable of every board has values, and the shift is the time between two runs', async () => {
    for (const { title, templating } of BOARDS) {
      for (const { name, type, query, regex } of templating?.list ?? []) {
        if (type !== 'query') continue;
        const asked = (query as { readonly query: string }).query;
        const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(asked) ?? [];
        if (metric !== undefined && label !== undefined) {
          const found = await ask.instant(`count by (${label}) (last_over_time(${metric}[10m]))`, broken.endMs);
          expect({ title, name, values: found.length }).toMatchObject({ values: expect.any(Number) });
          expect(found.length).toBeGreaterThan(0);
          continue;
        }
        const expression = /^query_result\((.*)\)$/.exec(asked)?.[1] ?? '';
        const [found] = await ask.instant(filled(expression, variablesOf(broken)), broken.endMs);
        // As Grafana lists what a query results in, and takes the value out of it.
        const [, , pattern = ''] = /^(\/)(.*)\/$/.exec(regex ?? '') ?? [];
        const shiftS = Number(new RegExp(pattern).exec(`{} ${found?.value} ${broken.endMs}`)?.[1]);
        const startedS = (made: Made) => made.result.startMs / 1000;
        expect(Math.abs(shiftS - (startedS(broken) - startedS(healthy)))).toBeLessThan(3);
      }
    }
  });

  test('headline figures are those of result.json', async () => {
    const steady = { phase: 'steady' };
    const asked = await panel('Run › Operations › A', healthy);
    expect(sumOf(asked.filter(({ metric }) => 'name' in metric))).toBe(countIn(healthy.result, 'http_reqs', steady));
    expect(await only('Error rate, all five layers › error-rate', healthy)).toBe(0);
    const hot = mergeSeries(selectSeries(healthy.result, 'http_req_duration', { cache: 'hot', ...steady }));
    // Two definitions of a quantile differ by a rank at most, which is a long way in the thin tail of a few seconds.
    const rankS = (ranks: number): number => {
      const valueMs = quantile(hot, Math.min(1, 0.95 + ranks / hot.count));
      return (valueMs ?? Number.NaN) / 1000;
    };
    const shownS = await only('P95 latency, cached queries › p95-cached', healthy);
    expect(shownS).toBeGreaterThan(rankS(-1) / BUCKET);
    expect(shownS).toBeLessThan(rankS(1) * BUCKET);
    const before = await ask.instant(
      `sum(last_over_time(k6_fiml_failures_total{testid="${broken.id}",phase="before"}[10m]))`,
      broken.endMs,
    );
    expect(sumOf(before)).toBe(mergeSeries(selectSeries(broken.result, 'fiml_failed', { phase: 'before' })).nonZero);
  });

  test('what a run ended with is what the judge said', async () => {
    for (const made of [healthy, broken]) {
      const verdict = verdictIn(made.folder);
      const [ended, ...more] = await ask.instant(
        `last_over_time(fiml_perf_ended_timestamp_seconds{testid="${made.id}"}[10m])`,
        broken.endMs,
      );
      expect(more).toEqual([]);
      expect(ended?.metric).toMatchObject({ verdict: verdict.verdict, profile: 'smoke' });
    }
    const [row] = verdictIn(healthy.folder).targets.filter(({ id }) => id === 'p95-cached');
    const told = await ask.instant(
      `last_over_time(fiml_perf_target_seconds{testid="${healthy.id}",target="p95-cached"}[10m])`,
      broken.endMs,
    );
    expect(told.map(({ value }) => value)).toEqual([expect.closeTo((row?.value ?? Number.NaN) / 1000, 12)]);
  });

  test('failures show in their layers, and only where there were some', async () => {
    const layers = (found: readonly Series[]) =>
      found
        .filter(({ largest: most }) => most > 0)
        .map(({ metric }) => metric.layer)
        .sort();
    expect(layers(await panel('Failures by layer', healthy))).toEqual([]);
    expect(layers(await panel('Failures by layer', broken))).toEqual(['data', 'envelope', 'http', 'inner']);
    expect(await largest('Error rate › failed', healthy)).toBe(0);
    expect(await largest('Error rate › failed', broken)).toBeGreaterThan(0.1);
  });

  test('latency, slow requests, hit rate and saturation move with their causes', async () => {
    expect(await largest('Cached queries › P50', healthy)).toBeLessThan(SLOW_MS / 1000);
    expect(await largest('Cached queries › P50', broken)).toBeGreaterThan(SLOW_MS / 1000 / BUCKET);
    expect(await largest('Slow requests', healthy)).toBe(0);
    expect(await largest('Slow requests', broken)).toBeGreaterThan(1);
    const hits = 'Server › Cache hit rate';
    expect(await only(hits, healthy)).toBeGreaterThan(0.8);
    expect(await only(hits, broken)).toBeLessThan(0.5);
    expect(await largest('Generator › dropped', healthy)).toBe(0);
    expect(await largest('Generator › dropped', broken)).toBeGreaterThan(0.01);
  });

  test('phases and faults are drawn, each once and by name', async () => {
    const names = (found: readonly Series[], label: string) => found.map(({ metric }) => metric[label]).sort();
    expect(names(await panel('Run › Phases', healthy), 'phase')).toEqual(['rampdown', 'steady', 'warmup']);
    expect(names(await panel('Run › Phases', broken), 'phase')).toEqual(
      expect.arrayContaining(['before', 'fault', 'recovery']),
    );
    expect(await panel('Run › Faults', healthy)).toEqual([]);
    const marked = await panel('Run › Faults', broken);
    expect(names(marked, 'event')).toEqual(['off', 'on']);
    // Values are moments, ms.
    for (const { value } of marked) expect(value > broken.startMs && value < broken.endMs).toBe(true);
  });

  test('recording rules give the targets of these runs, and alerts look at nothing that is not there', async () => {
    const recorded = async (made: Made) =>
      (await ask.range(`{__name__=~"fiml_perf:target_.*",testid="${made.id}"}`, made.startMs, made.endMs)).map(
        ({ metric }) => metric.target,
      );
    const enough = verdictIn(healthy.folder)
      .targets.filter(({ samples, minimumSamples }) => samples >= 2 * minimumSamples)
      .map(({ id }) => id);
    expect(enough).toEqual(expect.arrayContaining(['p95-cached', 'error-rate', 'cache-hit-rate', 'mean-api']));
    expect(await recorded(healthy)).toEqual(expect.arrayContaining(enough));
    expect(await recorded(broken)).toContain('provider-honest');

    const names = new Set(
      (await ask.range('count by (__name__) ({__name__!=""})', healthy.startMs, broken.endMs)).map(
        ({ metric }) => metric.__name__,
      ),
    );
    const looked = [...rulesIn('targets'), ...rulesIn('alerts')].flatMap(({ expr }) =>
      [...expr.matchAll(/\b(?:k6_|fiml_|process_)[\w:]+/g)].map(([name]) => name),
    );
    expect([...new Set(looked)].filter((name) => !names.has(name)).sort()).toEqual(NOT_WRITTEN_HERE);
  });

  test('every alert on these runs and their server looks at something: it, or what it is silent about, gives data', async () => {
    const silent: string[] = [];
    for (const { alert, expr } of rulesIn('alerts')) {
      const asked = await Promise.all(
        [expr, ...calm(expr)].flatMap((query) => [
          ask.range(query, healthy.startMs, broken.endMs),
          ask.instant(query, broken.endMs),
        ]),
      );
      if (asked.flat().length === 0) silent.push(alert);
    }
    // Of targets that neither run has, or has too little of, there is nothing to alert of.
    const rows = [healthy, broken].flatMap(({ folder: of }) => verdictIn(of).targets);
    const told = rows.filter(({ value, samples, minimumSamples }) => value !== null && samples >= 2 * minimumSamples);
    const here = new Set(told.map(alertName));
    const others = TARGETS.map(alertName).filter((name) => !here.has(name));
    expect(silent.filter((alert) => !others.includes(alert))).toEqual([]);
    expect([...here]).toEqual(expect.arrayContaining(['FimlP95Cached', 'FimlErrorRate', 'FimlMeanApi']));
  });

  test('a target that is missed, a run that is saturated and one that failed raise their alerts', async () => {
    const alerts = async (made: Made) =>
      (await ask.range(`ALERTS{testid="${made.id}"}`, made.startMs, broken.endMs)).map(
        ({ metric }) => metric.alertname,
      );
    expect(await alerts(broken)).toEqual(expect.arrayContaining(['FimlProviderHonest', 'FimlPerfRunSaturated']));
    expect(await alerts(healthy)).not.toContain('FimlErrorRate');
  });

  test('a series ends with its run', async () => {
    expect(await ask.instant(`k6_vus{testid="${healthy.id}"}`, healthy.endMs)).toEqual([]);
  });

  test('a Prometheus that takes nothing is told before any load, without what its address hides', async () => {
    const out = join(folder, 'refused');
    const url = server.url.replace('http://', 'http://some:pass%40word@');
    const { code, stderr } = await cli(['run', 'load', '--target', server.url, '--out', out, '--prometheus', url]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/PERF_PROMETHEUS: nothing can be written to .*404/),
    });
    expect(stderr).not.toMatch(/pass%40word|pass@word/);
  });

  test('a port that is taken, be it by another Prometheus, is told and not taken for ours', async () => {
    const { port } = new URL(prometheus.url);
    expect(await cli(['prometheus', '--port', port])).toEqual({
      code: 2,
      stdout: '',
      stderr: `fiml-perf: port ${port} of 127.0.0.1 is taken: choose another by --port, or use what is there\n`,
    });
  });

  test('a Prometheus that is lost meanwhile spoils nothing, and it is said', () => {
    const { notes } = runSchema.parse(JSON.parse(readFileSync(join(unheardFolder, 'run.json'), 'utf8')));
    expect(notes).toContainEqual(expect.stringMatching(/^Prometheus did not take \d+ of k6's writes.*503/));
    expect(lost.stdout).toContain('Prometheus did not take');
    expect(lost.stderr).toContain('warning: Prometheus was not told how the run ended: it answered 503');
    const { checks, exitCode } = verdictIn(unheardFolder);
    expect(checks.filter(({ id, ok }) => !ok && ['k6-end', 'samples', 'agreement'].includes(id))).toEqual([]);
    expect(lost.code).toBe(exitCode);
  });

  test('promtool takes the config and the rules as they are', () => {
    const promtool = (...args: string[]) =>
      execFileSync('promtool', args, { cwd: join(repository, 'dashboards'), stdio: 'pipe' });
    promtool('check', 'config', 'prometheus.yml');
    promtool('check', 'rules', 'rules/targets.yml', 'rules/alerts.yml');
  });
});

const sumOf = (found: readonly Series[]): number => found.reduce((sum, { value }) => sum + value, 0);

/** Queries of what neither run does, each with what it takes. */
const NOT_HERE: readonly { readonly what: RegExp; readonly takes: string }[] = [
  { what: /Targets( that were missed)? › C$/, takes: 'a breakpoint' },
  { what: /Throughput and capacity › \{\{target\}\}/, takes: 'a breakpoint' },
  { what: /› spike-/, takes: 'a spike' },
  { what: /› component-/, takes: 'the scenario components' },
  { what: /› pool-wait$/, takes: 'the scenario database-pool' },
];
/** What an alert is silent about: the other side of its comparisons, and every verdict. */
const OTHER_SIDE: Readonly<Record<string, string>> = { '>=': '<', '<=': '>', '>': '<=', '<': '>=', '==': '!=' };
const COMPARISON = / (>=|<=|>|<|==) /g;
/** With one of its comparisons turned round, and with all: of two that are joined the second may be a condition. */
function calm(expr: string): string[] {
  const any = expr.replace(/verdict=~?"[^"]*"/, 'verdict=~".+"');
  const turned = (_: string, operator: string) => ` ${OTHER_SIDE[operator]} `;
  return [any.replace(new RegExp(COMPARISON.source), turned), any.replace(COMPARISON, turned)];
}

/** Series of the scenarios breakpoint and components, sorted. */
const NOT_WRITTEN_HERE: readonly string[] = [
  'fiml_perf_target_per_second',
  'k6_fiml_l1_get_duration_seconds',
  'k6_fiml_session_duration_seconds',
];
