import { ensureK6, ensureToxiproxy, InterruptedError, SetupError } from './index';

const PROGRAMS = { k6: ensureK6, toxiproxy: ensureToxiproxy } as const;

/**
 * Prints the path of a usable k6, or Toxiproxy, on standard output, for make and scripts; everything else goes to standard
 * error.
 */
async function main(name: keyof typeof PROGRAMS): Promise<number> {
  const interruption = new AbortController();
  const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  let interruptedCode = 1;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      interruptedCode = exitCodes[signal];
      interruption.abort();
    });
  }
  try {
    const { path, version, source } = await PROGRAMS[name]({ signal: interruption.signal });
    process.stderr.write(`${name}: v${version} (${source})\n`);
    process.stdout.write(`${path}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof SetupError || error instanceof InterruptedError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error instanceof InterruptedError ? interruptedCode : 2;
  }
}

main(process.argv[2] === 'toxiproxy' ? 'toxiproxy' : 'k6').then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`set-up failed, and this is a fault of the suite: ${String(error)}\n`);
    process.exitCode = 70;
  },
);
