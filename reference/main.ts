import { Command } from 'commander';
import { DEFAULT_SIGMA, startReference } from './index';
import { OptionsError, type RawOptions, readOptions } from './options';

const EXIT_USAGE = 2;

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** The command that starts the reference server and serves until it is told to end. */
export function referenceCommand(): Command {
  return new Command('reference')
    .description(
      'Start a FIML server that keeps the contract. REDIS_URL and DATABASE_URL name real stores, AZURE_OPENAI_ENDPOINT, _API_KEY and _DEPLOYMENT_NAME a real LLM; without them all is in memory.',
    )
    .option('--port <port>', 'port, 0: chosen by the system', '8000')
    .option('--host <address>', 'address to listen at', '127.0.0.1')
    .option('--control-port <port>', 'serve GET, PATCH, DELETE /faults and GET /stats there; 0: chosen by the system')
    .option('--seed <n>', 'of service times and failures', '1')
    .option(
      '--sigma <σ>',
      `standard deviation of the logarithm of service times, which are lognormal around the real server's medians`,
      String(DEFAULT_SIGMA),
    )
    .option('--no-service-time', 'answer as fast as possible')
    .option('--no-llm', 'no LLM: narrative is null')
    .option('--spaced-json', 'spaces after commas and colons in the text of tools')
    .option(
      '--workers <n>',
      'imitate this many worker processes: a connection meets one, with counters of its own',
      '1',
    )
    .option(
      '--retry-scale <x>',
      'multiply what the clients of Redis, PostgreSQL and the LLM wait before they give up',
      '1',
    )
    .option('--latency-add-ms <[operation=]ms>', 'add to each answer (repeatable)', collect, [])
    .option('--latency-factor <[operation=]x>', 'multiply the service time (repeatable)', collect, [])
    .option(
      '--error-rate <[layer[:operation]=]share>',
      'share of answers that fail, in layer transport, http, envelope, inner or data (repeatable; default http)',
      collect,
      [],
    )
    .option('--freeze', 'accept connections and never answer')
    .option('--provider-down', 'every provider fails: what is not cached has no data')
    .option('--cache-down', 'as if Redis had stopped: searches take 10 to 13 s')
    .option('--leak-bytes <n>', 'keep this much memory for each request')
    .option('--capacity <n>', 'serve at most this many requests at once; the rest wait')
    .option('--exit-with-parent', 'end when standard input closes')
    .addHelpText(
      'after',
      '\nOperations: those of the contract (search-quick, dsl-async, …) and the groups search, dsl and session.',
    )
    .action(serve);
}

async function serve(raw: RawOptions & { exitWithParent?: boolean }): Promise<void> {
  try {
    const server = await startReference(readOptions(raw, process.env));
    const { url, controlUrl } = server;
    const end = () => {
      void server.close().finally(() => process.exit(0));
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
    if (raw.exitWithParent === true) {
      process.stdin.once('end', end).once('close', end).once('error', end);
      process.stdin.resume();
    }
    process.stdout.write(`${JSON.stringify({ ready: true, url, controlUrl, pid: process.pid })}\n`);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (!(error instanceof OptionsError) && code === undefined) throw error;
    const lines = error instanceof OptionsError ? error.problems : [`cannot listen: ${(error as Error).message}`];
    process.stderr.write(lines.map((problem) => `reference: ${problem}\n`).join(''));
    process.exitCode = EXIT_USAGE;
  }
}

// Bundled into another program, `module` is that program's: the name says whether this one was started.
if (require.main === module && /reference(\.js|[\\/]main\.[jt]s)$/.test(process.argv[1] ?? '')) {
  void referenceCommand()
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
    .parseAsync();
}
