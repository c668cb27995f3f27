import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors';
import { root } from '../root';
import { freePort, HOST, isFree } from '../services/free-port';
import { holdsWithin } from '../services/process';
import { findOnPath } from '../setup/find';

const READY_DEADLINE_MS = 30_000;
const ANSWER_DEADLINE_MS = 2000;
const SHOWN_LINES = 5;

export interface PrometheusOptions {
  /** 0: a free one. */
  readonly port: number;
  /** The server whose metrics are scraped. */
  readonly target: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface PrometheusServer {
  readonly url: string;
  readonly child: ChildProcess;
  /** Ends it and removes what it has stored. */
  stop(): Promise<void>;
}

/**
 * Starts the Prometheus of this machine with the suite's own config and rules. What it stores is in a temporary folder and
 * goes with it.
 *
 * @throws UserError when it is not installed, its port is taken, or it does not get ready, with what it said.
 */
export async function startPrometheus({ port, target, env }: PrometheusOptions): Promise<PrometheusServer> {
  const program = findOnPath('prometheus', env, process.platform);
  if (program === undefined) {
    throw new UserError(
      'there is no prometheus on PATH: apt-get install prometheus, or brew install prometheus; or let Docker run it and Grafana: make grafana',
    );
  }
  // Whoever has the port may be a Prometheus as well, and answer that it is ready.
  if (!(await isFree(port))) {
    throw new UserError(`port ${port} of ${HOST} is taken: choose another by --port, or use what is there`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'fiml-prometheus-'));
  const config = writeConfig(folder, target);
  const address = `${HOST}:${port === 0 ? await freePort() : port}`;
  const child = spawn(
    program,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--web.enable-remote-write-receiver',
      '--enable-feature=native-histograms',
      '--log.level=warn',
    ],
    { env, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-10_000);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve()));
  const isOver = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://${address}`;
  await holdsWithin(async () => isOver() || (await isReady(url)), READY_DEADLINE_MS);
  if (!isOver() && (await isReady(url))) return { url, child, stop };
  await stop();
  throw new UserError(
    `prometheus did not start at ${address}; it said:\n${said.trim().split('\n').slice(-SHOWN_LINES).join('\n')}`,
  );
}

/** The config with everything that its paths lead to. @returns its path. */
function writeConfig(folder: string, target: string): string {
  const { protocol, host } = new URL(target);
  symlinkSync(join(root, 'dashboards', 'rules'), join(folder, 'rules'));
  mkdirSync(join(folder, 'targets'));
  const scraped = [{ targets: [host], labels: { __scheme__: protocol.replace(':', '') } }];
  // YAML is a superset of JSON.
  writeFileSync(join(folder, 'targets', 'fiml.yml'), JSON.stringify(scraped));
  const config = join(folder, 'prometheus.yml');
  copyFileSync(join(root, 'dashboards', 'prometheus.yml'), config);
  return config;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) })).ok;
  } catch {
    return false; // Not yet.
  }
}
