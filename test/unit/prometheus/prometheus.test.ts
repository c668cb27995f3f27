import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../../config';
import { effectiveOverrides, secretsOf } from '../../../scripts/overrides/effective';
import { endpointOf, k6OutputEnv } from '../../../scripts/prometheus/endpoint';
import { push } from '../../../scripts/prometheus/push';
import { afterRun, duringRun } from '../../../scripts/prometheus/samples';
import { startPrometheus } from '../../../scripts/prometheus/server';
import { openK6Log } from '../../../scripts/run/log';
import { given } from '../../support/evidence';

const at = (url: string) => endpointOf(parseConfig({ PERF_PROMETHEUS: url }));
const RUN = { testid: 'one', test: 'load', profile: 'smoke' };

test.each([
  ['http://127.0.0.1:9090', 'http://127.0.0.1:9090/api/v1/write'],
  ['https://host/prometheus/', 'https://host/prometheus/api/v1/write'],
  ['http://host:1/api/v1/write', 'http://host:1/api/v1/write'],
  ['https://mimir/api/v1/push', 'https://mimir/api/v1/push'],
])('%s is written to at %s', (given, url) => {
  expect(at(given)).toEqual({ url, username: null, password: null });
});

test('without PERF_PROMETHEUS there is none', () => expect(endpointOf(parseConfig({}))).toBeNull());

describe('a password in the address', () => {
  const given = 'http://some:pass%40word@host:9090';

  test('reaches k6 by its environment alone, as it is', () => {
    expect(at(given)).toEqual({ url: 'http://host:9090/api/v1/write', username: 'some', password: 'pass@word' });
    const endpoint = at(given);
    expect(endpoint === null ? null : k6OutputEnv(endpoint, 'freeze-env')).toEqual({
      K6_PROMETHEUS_RW_SERVER_URL: 'http://host:9090/api/v1/write',
      K6_PROMETHEUS_RW_USERNAME: 'some',
      K6_PROMETHEUS_RW_PASSWORD: 'pass@word',
      K6_PROMETHEUS_RW_STALE_MARKERS: 'true',
      K6_FEATURES: 'freeze-env,native-histograms',
    });
  });

  test('is kept out of run.json, and out of the log however it is written', () => {
    const { config, options } = effectiveOverrides({ PERF_PROMETHEUS: given }, {});
    expect(options.PERF_PROMETHEUS?.value).toBe('http://host:9090');
    expect(secretsOf(config)).toEqual(expect.arrayContaining(['some', 'pass%40word', 'pass@word']));
  });
});

test('values are written in the units of Prometheus, and what has none is left out', () => {
  const targets = [
    { id: 'p95-cached', unit: 'ms', limit: 200, value: 150, verdict: 'PASS' },
    { id: 'uptime', unit: 'share', limit: 0.995, value: null, verdict: 'INVALID' },
  ];
  const plain = (samples: ReturnType<typeof duringRun>) =>
    samples.map(({ name, labels, value }) => [name, labels, value]);
  expect(plain(duringRun(RUN, targets as never, null))).toEqual([
    ['fiml_perf_target_limit_seconds', { ...RUN, target: 'p95-cached' }, 0.2],
    ['fiml_perf_target_limit_ratio', { ...RUN, target: 'uptime' }, 0.995],
  ]);
  expect(plain(duringRun(RUN, [], 0.5))).toEqual([['fiml_perf_generator_cpu_ratio', RUN, 0.5]]);
  const measures = [
    { id: 'price.p95', unit: 'ms', value: 7 },
    { id: 'server.rss', unit: 'bytes', value: null },
  ];
  expect(
    plain(afterRun(RUN, { verdict: 'INVALID', targets } as never, { measures, endedAtMs: 5000 } as never)),
  ).toEqual([
    ['fiml_perf_ended_timestamp_seconds', { ...RUN, verdict: 'INVALID' }, 5],
    ['fiml_perf_target_seconds', { ...RUN, target: 'p95-cached', verdict: 'PASS' }, 0.15],
    ['fiml_perf_measure_seconds', { ...RUN, measure: 'price.p95' }, 0.007],
  ]);
});

test('what is written depends on no connection that was kept from before', async () => {
  const served = new WeakSet<Socket>();
  const server = createServer((request, answer) => {
    if (served.has(request.socket)) request.socket.destroy();
    else request.resume().on('end', () => answer.writeHead(204).end());
    served.add(request.socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const endpoint = given(at(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    // Right after an answer its connection is not yet free: a third writer would find one.
    for (let count = 0; count < 5; count++) await push(endpoint, duringRun(RUN, [], 0.5));
  } finally {
    server.close();
  }
});

describe('what k6 could not write', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fiml-perf-log-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const notesOf = (...errors: string[]) => {
    const log = openK6Log(join(folder, 'k6.log'), ['secret']);
    for (const error of errors) {
      log.write(
        `time="2026-11-26T02:27:01Z" level=error msg="Failed to send the time series data to the endpoint" error="${error}" output="Prometheus remote write"\n`,
      );
    }
    return log.end().notes;
  };

  test('is a note with its number and the first reason, without secrets', () => {
    const refused = 'HTTP POST request failed: Post \\"http://secret/api/v1/write\\": connection refused';
    expect(notesOf(refused, 'another')).toEqual([
      `Prometheus did not take 2 of k6's writes, and what they said is missing there: HTTP POST request failed: Post "http://***/api/v1/write": connection refused`,
    ]);
    expect(readFileSync(join(folder, 'k6.log'), 'utf8')).not.toContain('secret');
  });

  test('is said to be for want of native histograms where it may be', () => {
    expect(notesOf('got status code: 500 instead expected a 2xx')).toEqual([
      expect.stringContaining('native-histograms'),
    ]);
    expect(notesOf('got status code: 404 instead expected a 2xx')).toEqual([
      expect.not.stringContaining('native-histograms'),
    ]);
  });

  test('is nothing where all was written', () => expect(notesOf()).toEqual([]));
});

test('without the program it is said what to type', async () => {
  const start = startPrometheus({ port: 0, target: 'http://127.0.0.1:8000', env: { PATH: '' } });
  await expect(start).rejects.toThrow(/apt-get install prometheus.*make grafana/);
});
