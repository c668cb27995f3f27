// Draws the pictures of docs/verdicts.md from the calibration that is committed.
// node -r ./build/register.js bench/calibrate/pictures.ts
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import binomialQuantile from '@stdlib/stats-base-dists-binomial-quantile';
import { type EChartsOption, init, type SeriesOption } from 'echarts';
import { z } from 'zod';
import { readJson, writeTextAtomically } from '../../scripts/result/files';
import { root } from '../../scripts/root';
import { TEN_PERCENT, UNCHANGED } from './cells';
import { P95 } from './pool';
import { randomOf } from './random';
import { alone, GATE, RIVALS } from './rules';
import { GRID_FROM, GRID_STEP, simulateRun } from './simulate';

const IMAGES = join(root, 'docs', 'images');
const FONT = 'DejaVu Sans, Verdana, Helvetica, Arial, sans-serif';
const INK = '#222222';
const FAINT = '#8a8a8a';
const GRID = '#e4e4e4';
/** In the order of the counts in the file. */
const OUTCOMES = [
  { name: 'REGRESSED', color: '#c0392b' },
  { name: 'INCONCLUSIVE', color: '#c9ced6' },
  { name: 'IMPROVED', color: '#7d3c98' },
  { name: 'NO CHANGE', color: '#1e8449' },
] as const;

const calibrationSchema = z.object({
  cells: z.array(
    z.object({
      regime: z.string(),
      order: z.string(),
      runs: z.number(),
      history: z.number(),
      historyRuns: z.number(),
      change: z.string(),
      counts: z.record(z.string(), z.array(z.number())),
    }),
  ),
});
type Calibration = z.infer<typeof calibrationSchema>;
type Place = Omit<Calibration['cells'][number], 'counts' | 'historyRuns'>;

/** Percent of each outcome. */
function rates({ cells }: Calibration, place: Place, method: string): number[] {
  const cell = cells.find((one) =>
    Object.entries({ ...place, historyRuns: 1 }).every(([name, value]) => one[name as keyof typeof one] === value),
  );
  const counts = cell?.counts[method];
  if (counts === undefined) throw new Error(`the calibration has no ${method} of ${JSON.stringify(place)}`);
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (100 * count) / all);
}

function draw(name: string, width: number, height: number, option: EChartsOption): void {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: '#ffffff',
      textStyle: { fontFamily: FONT, color: INK },
      ...option,
    });
    writeTextAtomically(join(IMAGES, name), `${chart.renderToSVGString()}\n`);
  } finally {
    chart.dispose();
  }
}

const title = (text: string, subtext: string) => ({
  text,
  subtext,
  left: 16,
  top: 10,
  textStyle: { fontSize: 16, color: INK },
  subtextStyle: { fontSize: 12, color: FAINT, lineHeight: 16 },
});
const axisLabel = { color: INK, fontSize: 12 };
/** Without a screen the widths of texts are estimated, and short of what they take. */
const legend = { left: 12, itemWidth: 14, itemHeight: 10, itemGap: 36, textStyle: { color: INK, fontSize: 12 } };
const splitLine = { lineStyle: { color: GRID } };

const RUN_SD = 0.03;
const SHOWN = 12;

/** Twelve runs of one server, each with the interval that follows from its requests, were they independent. */
function drawRuns(): void {
  const random = randomOf('picture of runs');
  const runs = Array.from({ length: SHOWN }, (_, at) => {
    const effect = RUN_SD * random.normal();
    const { measures, grid } = simulateRun(`picture of run ${at}`, 'as ever');
    const p95 = (measures.find(({ id }) => id === P95)?.value ?? Number.NaN) * Math.exp(effect);
    const n = grid.reduce((sum, count) => sum + count, 0);
    const msAt = (rank: number) => {
      let seen = 0;
      const cell = grid.findIndex((count) => {
        seen += count;
        return seen >= rank;
      });
      return Math.exp(GRID_FROM + (cell + 0.5) * GRID_STEP + effect);
    };
    return [p95, msAt(binomialQuantile(0.025, n, 0.95)), msAt(binomialQuantile(0.975, n, 0.95) + 1)] as const;
  });
  const bars: SeriesOption = {
    type: 'custom',
    data: runs.map(([, low, high], at) => [at, low, high]),
    renderItem: (_, api) => {
      const [x, top] = api.coord([api.value(0), api.value(2)]) as [number, number];
      const [, bottom] = api.coord([api.value(0), api.value(1)]) as [number, number];
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line' as const,
        shape: { x1, y1, x2, y2 },
        style: { stroke: '#7a99c0', lineWidth: 2 },
      });
      return {
        type: 'group',
        children: [line(x, bottom, x, top), line(x - 7, top, x + 7, top), line(x - 7, bottom, x + 7, bottom)],
      };
    },
  };
  draw('runs-of-one-server.svg', 900, 400, {
    title: title(
      `${SHOWN} runs of one and the same server`,
      'P95 of each run of 6,000 requests, with the 95 % interval that these requests would promise if each were a witness of its own.\n' +
        'If they were, the intervals would nearly all contain one common value.',
    ),
    grid: { left: 70, right: 24, top: 116, bottom: 44 },
    xAxis: {
      type: 'category',
      data: runs.map((_, at) => `run ${at + 1}`),
      axisLabel,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: FAINT } },
    },
    yAxis: { type: 'value', scale: true, name: 'P95, ms', nameTextStyle: { color: INK }, axisLabel, splitLine },
    series: [bars, { type: 'scatter', symbolSize: 9, itemStyle: { color: '#1f3b63' }, data: runs.map(([p95]) => p95) }],
  });
}

/** How often unchanged servers are called slower. */
function drawFalseAlarms(calibration: Calibration): void {
  const methods = [
    { name: 'this suite, the whole comparison', key: GATE, color: '#1e8449' },
    { name: 'mean against mean, 10 %', key: RIVALS.mean, color: '#7a99c0' },
    { name: 'P95 against P95, 10 %', key: RIVALS.p95, color: '#1f3b63' },
    { name: 'Mann-Whitney test on requests', key: RIVALS.requests, color: '#c0392b' },
  ];
  const places: [string, Place][] = [1, 5].flatMap((runs) =>
    [
      ['R0', 'quiet machine'],
      ['R1', 'runs differ by 3 %'],
      ['R2', 'runs differ by 8 %'],
    ].map(([regime = '', words]): [string, Place] => [
      `${words}\n${runs} ${runs === 1 ? 'run' : 'runs'} a side`,
      { regime, runs, order: runs === 1 ? 'one after the other' : 'in turns', history: 0, change: UNCHANGED },
    ]),
  );
  draw('false-alarms.svg', 900, 420, {
    title: title(
      'How often an unchanged server is called slower',
      'Percent of the comparisons of a simulated server with itself. Lower is better.',
    ),
    legend: { ...legend, top: 62 },
    grid: { left: 56, right: 24, top: 112, bottom: 56 },
    xAxis: {
      type: 'category',
      data: places.map(([words]) => words),
      axisLabel: { ...axisLabel, lineHeight: 16, interval: 0 },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: FAINT } },
    },
    yAxis: { type: 'value', axisLabel: { ...axisLabel, formatter: '{value} %' }, splitLine },
    series: methods.map(({ name, key, color }) => ({
      type: 'bar',
      name,
      itemStyle: { color },
      barGap: '10%',
      label: {
        show: true,
        position: 'top',
        fontSize: 10,
        color: INK,
        formatter: ({ value }) => Number(value).toFixed(1),
      },
      data: places.map(([, place]) => rates(calibration, place, key)[0] as number),
    })),
  });
}

/** What is said of which change, by how many runs there are. */
function drawPower(calibration: Calibration): void {
  const columns: [string, Omit<Place, 'change' | 'regime'>][] = [
    ['1 + 1 run', { runs: 1, order: 'one after the other', history: 0 }],
    ['1 + 1 run\nand 10 of history', { runs: 1, order: 'one after the other', history: 10 }],
    ['3 + 3 runs\nin turns', { runs: 3, order: 'in turns', history: 0 }],
    ['5 + 5 runs\nin turns', { runs: 5, order: 'in turns', history: 0 }],
    ['10 + 10 runs\nin turns', { runs: 10, order: 'in turns', history: 0 }],
  ];
  const changes = [UNCHANGED, '+5 %', TEN_PERCENT, '+20 %'];
  const [left, width, gap] = [64, 152, 14];
  draw('what-could-be-found.svg', 900, 430, {
    title: [
      title(
        'What is said of a server that became slower by 0, 5, 10 and 20 %',
        'Percent of the comparisons; the P95 alone, on a machine whose runs differ by 3 %. 5 % is the smallest change that counts.',
      ),
      ...columns.map(([text], at) => ({
        text,
        left: left + at * (width + gap) + width / 2,
        top: 92,
        textAlign: 'center' as const,
        textStyle: { fontSize: 12, fontWeight: 'normal' as const, color: INK, lineHeight: 15 },
      })),
    ],
    legend: {
      ...legend,
      top: 60,
      data: OUTCOMES.map(({ name }) => name),
    },
    grid: columns.map((_, at) => ({ left: left + at * (width + gap), width, top: 134, bottom: 44 })),
    xAxis: columns.map((_, at) => ({
      type: 'category',
      gridIndex: at,
      data: changes.map((change) => (change === UNCHANGED ? '0' : change.replace(' %', ''))),
      axisLabel: { ...axisLabel, interval: 0 },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: FAINT } },
    })),
    yAxis: columns.map((_, at) => ({
      type: 'value',
      gridIndex: at,
      max: 100,
      axisLabel: { ...axisLabel, show: at === 0, formatter: '{value} %' },
      splitLine,
    })),
    series: columns.flatMap(([, place], at) =>
      OUTCOMES.map(
        ({ name, color }, which): SeriesOption => ({
          type: 'bar',
          name,
          stack: `outcomes ${at}`,
          xAxisIndex: at,
          yAxisIndex: at,
          barWidth: '72%',
          itemStyle: { color },
          data: changes.map(
            (change) => rates(calibration, { ...place, regime: 'R1', change }, alone(P95))[which] as number,
          ),
        }),
      ),
    ),
  });
}

function main(): void {
  const path = join(root, 'bench', 'results', 'calibration.json');
  const calibration = readJson(path, calibrationSchema, 'the calibration');
  mkdirSync(IMAGES, { recursive: true });
  drawRuns();
  drawFalseAlarms(calibration);
  drawPower(calibration);
}

main();
