import { Command } from 'commander';
import { parseConfig } from '../../config';
import { UserError } from '../errors';
import { startPrometheus } from './server';

const DEFAULT_PORT = 9090;
const MAX_PORT = 65_535;
const DEFAULT_TARGET = 'http://127.0.0.1:8000';

/** `fiml-perf prometheus`: in the foreground, until Ctrl-C. */
export const prometheusCommand = (): Command =>
  new Command('prometheus')
    .description("start this machine's Prometheus with the suite's config and alerts, for PERF_PROMETHEUS")
    .option('--port <port>', 'where it listens on 127.0.0.1; 0: a free one', String(DEFAULT_PORT))
    .option('--target <url>', `server to scrape, instead of PERF_TARGET or ${DEFAULT_TARGET}`)
    .action(async ({ port, target }: { readonly port: string; readonly target?: string }) => {
      const env = target === undefined ? process.env : { ...process.env, PERF_TARGET: target };
      const { PERF_TARGET } = parseConfig(env);
      const { url, child, stop } = await startPrometheus({
        port: readPort(port),
        target: PERF_TARGET ?? DEFAULT_TARGET,
        env: process.env,
      });
      const interrupted = new Promise<'stopped'>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('stopped'));
      });
      const ended = new Promise<'ended'>((resolve) => child.once('close', () => resolve('ended')));
      process.stdout.write(`export PERF_PROMETHEUS=${url}\n`);
      process.stderr.write(`alerts: ${url}/alerts; Ctrl-C ends it, and what it has stored goes with it\n`);
      const how = await Promise.race([interrupted, ended]);
      await stop();
      if (how === 'ended') throw new UserError('prometheus has ended by itself');
    });

function readPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= MAX_PORT) return port;
  throw new UserError(`--port must be a whole number from 0 to ${MAX_PORT}, not ${JSON.stringify(text)}`);
}
