import { Command } from 'commander';
import { nearest, parseConfig } from '../../config';
import { targetsFor } from '../../thresholds';
import { complain } from '../complain';
import { UserError } from '../errors';
import { addJsonOption, outputOf } from '../result/json-output';
import { endWithUnwritten, writerThatCollects } from '../result/writer';
import { readLimits } from '../run/limits';
import { type ComponentsReport, measureComponents, STORES, type StoreName } from './index';

interface Flags {
  readonly redis?: string;
  readonly postgres?: string;
  readonly json?: string | true;
  readonly only?: string;
  readonly rounds: string;
}

const DEFAULT_ROUNDS = 500;
const MOST_ROUNDS = 100_000;

/** `fiml-perf components`: the caches, timed on the stores themselves. */
export function componentsCommand(): Command {
  const command = new Command('components')
    .description(
      "time reads of FIML's L1 and L2 caches on Redis and PostgreSQL themselves, with the server's own keys and query",
    )
    .option('--redis <url>', 'the Redis behind L1, as redis://…; without it REDIS_URL')
    .option('--postgres <url>', 'the PostgreSQL behind L2, as postgres://…; without it DATABASE_URL')
    .option('--only <names>', `some of ${STORES.join(',')}; default: all that have an address`)
    .option('--rounds <n>', 'reads of each, after a warm-up, one after the other', String(DEFAULT_ROUNDS))
    .addHelpText('after', HELP);
  return addJsonOption(command, 'the figures for baseline, compare and history').action(async (flags: Flags) => {
    process.exitCode = await run(flags, process.env);
  });
}

const HELP = `
Entries of its own are written (they expire), read and removed; nothing else in the stores is touched. A password on the
command line can be seen by every user of this machine: REDIS_URL and DATABASE_URL keep it to yourself.
The other components: fiml-perf run components measures what HTTP can show, fiml-perf ingest reads what FIML's own
benchmarks wrote. Limits are those of the targets component-l1 and component-l2, also from PERF_THRESHOLDS.

Exit codes: 0 every P95 is below its limit · 1 one is not · 2 wrong usage, or a store that cannot be used · 3 one cannot
be judged
`;

async function run(flags: Flags, env: NodeJS.ProcessEnv): Promise<number> {
  const { urls, only, rounds } = readFlags(flags, env);
  const { json } = flags;
  const output = outputOf(json, ['fiml-perf/observation'], false);
  const config = parseConfig(env);
  const targets = targetsFor('components', { profile: config.PERF_PROFILE, fault: null }, null, readLimits(config));
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  // Once each: what hangs can still be ended by a second Ctrl-C.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  let report: ComponentsReport;
  try {
    report = await measureComponents({ urls, only, rounds, targets, signal: interruption.signal });
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, interrupt);
  }
  output.stream.write(report.text);
  complain(report.leftovers);
  const write = writerThatCollects();
  write(() => {
    output.document(report.observation);
    if (typeof json === 'string') output.stream.write(`written: ${json}\n`);
  });
  return endWithUnwritten(write, report.exitCode);
}

/** @throws UserError with everything that is wrong. */
export function readFlags(
  flags: Flags,
  env: NodeJS.ProcessEnv,
): { urls: Record<StoreName, string | null>; only: StoreName[] | null; rounds: number } {
  const problems: string[] = [];
  const address = (option: string, given: string | undefined, variable: string, protocols: readonly string[]) => {
    const value = given ?? (env[variable] || undefined);
    if (value === undefined) return null;
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
    // The value itself may hold a password.
    problems.push(
      `${given === undefined ? variable : option} is not an address such as ${protocols[0]}//host, with ${protocols.join(' or ')}`,
    );
    return null;
  };
  const urls = {
    l1: address('--redis', flags.redis, 'REDIS_URL', ['redis:', 'rediss:']),
    l2: address('--postgres', flags.postgres, 'DATABASE_URL', ['postgres:', 'postgresql:']),
  };
  const only = readOnly(flags.only, problems);
  const rounds = Number(flags.rounds);
  if (!/^\d+$/.test(flags.rounds) || rounds < 1 || rounds > MOST_ROUNDS) {
    problems.push(`--rounds must be a whole number from 1 to ${MOST_ROUNDS}, not ${JSON.stringify(flags.rounds)}`);
  }
  const [wanted, enough] = only === null ? [[...STORES], 1] : [only, only.length];
  if (problems.length === 0 && wanted.filter((name) => urls[name] !== null).length < enough) {
    const asked = only === null ? 'one store at least' : only.join(' and ');
    problems.push(`give the address of ${asked}: by --redis or REDIS_URL for l1, by --postgres or DATABASE_URL for l2`);
  }
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  return { urls, only, rounds };
}

function readOnly(text: string | undefined, problems: string[]): StoreName[] | null {
  if (text === undefined) return null;
  const names = text.split(',').map((name) => name.trim());
  for (const name of names.filter((one) => !STORES.includes(one as StoreName))) {
    const near = nearest(name, [...STORES]);
    problems.push(
      `--only: ${JSON.stringify(name)} is not measured here${near === null ? '' : `; did you mean ${near}?`} There are ${STORES.join(', ')}`,
    );
  }
  return STORES.filter((name) => names.includes(name));
}
