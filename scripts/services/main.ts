import { parseArgs } from 'node:util';
import { stopServices } from './home';
import { startLlmStub } from './llm-stub';

/** What one call of a language model takes, ms: short, so that what is measured is the server. */
const LLM_LATENCY_MS = '20';

/** The parts of the services that are processes of their own. Started by the suite, not by users: see `fiml-perf services`. */
async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '0' },
      'latency-ms': { type: 'string', default: LLM_LATENCY_MS },
    },
  });
  const [part, stateFile] = positionals;
  if (part === 'llm-stub') {
    const { url } = await startLlmStub(values.host, Number(values.port), Number(values['latency-ms']));
    process.stdout.write(`${JSON.stringify({ ready: true, url })}\n`);
  } else if (part === 'watchdog' && stateFile !== undefined) {
    await watch(stateFile);
  } else {
    throw new Error(`services: there are llm-stub and watchdog, not ${JSON.stringify(positionals)}`);
  }
}

/** Stops the services when the process that started them is gone, however it ended: the system then closes this pipe. */
async function watch(stateFile: string): Promise<void> {
  await new Promise((closed) => process.stdin.once('end', closed).once('close', closed).resume());
  await stopServices(stateFile);
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
