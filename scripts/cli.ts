import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Command } from 'commander';
import { abCommand } from './ab/command';
import { baselineCommand } from './baseline/command';
import { ciCommand } from './ci/command';
import { cleanCommand } from './clean/command';
import { compareCommand } from './compare/command';
import { componentsCommand } from './components/command';
import { doctorCommand } from './doctor/command';
import { EXIT_INTERRUPTED } from './exit-codes';
import { fullCommand } from './full/command';
import { historyCommand } from './history/command';
import { ingestCommand } from './ingest/command';
import { judgeCommand } from './judge/command';
import { k8sCommand } from './k8s/command';
import { listCommand } from './list/command';
import { mergeCommand } from './merge/command';
import { metricsCommand } from './metrics/command';
import { profileCommand } from './profile/command';
import { startProgram } from './program';
import { prometheusCommand } from './prometheus/command';
import { reportCommand } from './report/command';
import { root } from './root';
import { runCommand } from './run/command';
import { servicesCommand } from './services/command';
import { slowCommand } from './slow/command';

const HELP = `
Examples:
  fiml-perf run load                                   a minute of load on the embedded server
  fiml-perf run load --target http://my-fiml:8000      the same on yours
  fiml-perf full                                       everything in about 15 minutes, and one verdict on it
  fiml-perf run targets --only p95-cached              one target on its own
  fiml-perf report --output PERFORMANCE_REPORT.md      the report of the newest run
  fiml-perf slow                                       the slowest requests of the newest run
  fiml-perf metrics http://my-fiml:8000 --watch        what the server itself counts, in real time
  fiml-perf run load --repeat 5 --save-baseline        five runs, for later ones to be compared with
  fiml-perf compare --baseline load.smoke results/…    whether other runs are slower
  fiml-perf ab --baseline-url URL --candidate-url URL  whether one of two servers is slower than the other
  fiml-perf k8s load --parallelism 4 --target URL      manifests of a load that the pods of a cluster share

Exit codes: 0 targets hold, or nothing failed · 1 a target is missed, or a measure regressed · 2 wrong usage, file or
target, before any load · 3 the run, or the comparison, cannot be judged (INVALID)
`;

/** The server has dependencies of its own to load, so it starts as a process: no other command pays for them. */
function referenceCommand(): Command {
  return new Command('reference')
    .description('start the reference FIML server (reference --help: its options)')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action((_options: unknown, command: Command) => {
      const child = spawn(process.execPath, [join(root, 'dist', 'reference.js'), ...command.args], {
        stdio: 'inherit',
      });
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
      return new Promise<void>((resolve) => {
        child.once('close', (code) => {
          process.exitCode = code ?? EXIT_INTERRUPTED;
          resolve();
        });
      });
    });
}

startProgram(
  [
    runCommand,
    fullCommand,
    abCommand,
    ingestCommand,
    judgeCommand,
    mergeCommand,
    reportCommand,
    slowCommand,
    baselineCommand,
    compareCommand,
    historyCommand,
    componentsCommand,
    listCommand,
    doctorCommand,
    metricsCommand,
    profileCommand,
    ciCommand,
    cleanCommand,
    servicesCommand,
    prometheusCommand,
    k8sCommand,
    referenceCommand,
  ],
  HELP,
);
