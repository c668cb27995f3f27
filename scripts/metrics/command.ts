import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { targetSnapshot } from '../doctor';
import { UserError } from '../errors';
import { type TargetClient, targetClient } from '../http';
import { effectiveOverrides } from '../overrides/effective';
import { follower } from './change';
import { type Look, look } from './look';
import { lookText, SEVERAL } from './text';

/** Between two looks: often enough to see a load begin, too seldom to be one. */
const PERIOD_MS = 2000;
const CLEAR = '\u001b[2J\u001b[H';

interface MetricsFlags {
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** `fiml-perf metrics`: the server's own metrics, those that move. */
export function metricsCommand(): Command {
  return new Command('metrics')
    .description("show the server's own metrics as far as they can be believed, and say which it does not measure")
    .argument('[url]', 'the server, instead of PERF_TARGET')
    .option('--watch', `look again every ${PERIOD_MS / 1000} s and show what happened in between, until Ctrl-C`)
    .option('--json', 'as JSON, a line for each look')
    .action(async (url: string | undefined, { watch = false, json = false }: MetricsFlags) => {
      const { config } = effectiveOverrides(process.env, url === undefined ? {} : { PERF_TARGET: url });
      const client = targetClient(config);
      try {
        // Before the first look, since it is itself a request that the server counts.
        const several = await severalAnswer(client);
        const show = json ? showJson : showText(several, watch);
        show(await firstLook(client));
        if (watch) await untilStopped(client, show);
      } finally {
        await client.close();
      }
    });
}

/** @throws UserError when the server cannot be looked at, with what to try. */
async function firstLook(client: TargetClient): Promise<Look> {
  const first = await look(client);
  if (!('problem' in first)) return first;
  throw new UserError(
    `${client.url}: ${first.problem}\nis it a FIML server, and does it run? Try: fiml-perf doctor --target ${client.url}`,
  );
}

async function severalAnswer(client: TargetClient): Promise<boolean> {
  return ((await targetSnapshot(client))?.startTimesS.length ?? 0) > 1;
}

type Show = (look: Look | { readonly problem: string }) => void;

const showJson: Show = (seen) => {
  process.stdout.write(`${JSON.stringify('problem' in seen ? { atMs: Date.now(), ...seen } : seen)}\n`);
};

function showText(several: boolean, watch: boolean): Show {
  const follow = follower();
  return (seen) => {
    // A terminal shows the newest look in place of the last; a file or a pipe has them one below the other.
    if (watch && process.stdout.isTTY) process.stdout.write(CLEAR);
    if ('problem' in seen)
      process.stdout.write(
        `no look at ${new Date().toISOString().slice(11, 19)} UTC: ${seen.problem}; looking again\n\n`,
      );
    else process.stdout.write(`${several ? `${SEVERAL}\n` : ''}${lookText(seen, follow(seen))}\n`);
  };
}

/** Looks until Ctrl-C, or until nobody reads any more. A server that is gone is looked for again. */
async function untilStopped(client: TargetClient, show: Show): Promise<void> {
  const stop = new AbortController();
  const abort = () => stop.abort();
  const stopped = new Promise<null>((resolve) => stop.signal.addEventListener('abort', () => resolve(null)));
  process.on('SIGINT', abort).on('SIGTERM', abort);
  process.stdout.once('close', abort);
  try {
    for (;;) {
      await pause(PERIOD_MS, null, { signal: stop.signal }).catch(() => null);
      // A look that hangs does not hold up the end either.
      const seen = stop.signal.aborted ? null : await Promise.race([look(client), stopped]);
      if (seen === null) return;
      show(seen);
    }
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort);
    process.stdout.off('close', abort);
  }
}
