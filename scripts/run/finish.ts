import { appendObservation, historyPath } from '../history/file';
import { historyUpTo } from '../history/up-to';
import { ingestRun } from '../ingest/run';
import { judge } from '../judge';
import { isComparable, observe } from '../observe';
import { afterRun, endpointOf, push } from '../prometheus';
import { render } from '../report';
import { junitXml } from '../report/junit/xml';
import type { Subject } from '../report/subject';
import type { Evidence } from '../result/evidence';
import { writeJsonAtomically, writeTextAtomically } from '../result/files';
import type { Observation } from '../result/observation';
import type { Run } from '../result/run';
import type { Verdict, VerdictWord } from '../result/verdict';
import { writerThatCollects } from '../result/writer';
import type { RunFolder } from './folder';
import { type PreparedRun, publishLatest, type RunRequest, runLabels } from './index';

/** A run whose verdict is known. */
export interface FinishedRun {
  /** Of its folder. */
  readonly path: string;
  /** Whether someone stopped it before its end. */
  readonly interrupted: boolean;
  readonly verdict: Verdict;
  /** The verdict in a sentence. */
  readonly headline: string;
  /** For reports on this run and others. */
  readonly subject: Subject;
  readonly observation: Observation;
  console(enableColors: boolean): string;
  /** Sentences about what could not be written. */
  readonly problems: readonly string[];
}

/** What the end of a run needs of how it was asked for. */
type Asked = Pick<PreparedRun, 'config'> & { readonly request: Pick<RunRequest, 'out' | 'stream'> };

/** A run whose load is over. */
interface Executed {
  readonly folder: RunFolder;
  readonly run: Run;
}

/** Ingests a run that was executed, and {@link concludeRun | concludes} it. */
export async function finishRun(
  prepared: PreparedRun,
  executed: Executed,
  failOn: readonly VerdictWord[],
  keeping?: { readonly keepsHistory: boolean },
): Promise<FinishedRun> {
  return concludeRun(prepared, executed, () => ingestRun(executed.folder.path, executed.run), failOn, keeping);
}

/**
 * Judges and reports what a run left, and adds it to its history. What cannot be written is collected: a verdict that was
 * reached is not lost for it.
 *
 * @param gather what it left, asked for when what is known already has been written.
 * @param keepsHistory whether its history gets a line of it.
 */
export async function concludeRun(
  prepared: Asked,
  { folder, run }: Executed,
  gather: () => Promise<Evidence>,
  failOn: readonly VerdictWord[],
  { keepsHistory = true }: { readonly keepsHistory?: boolean } = {},
): Promise<FinishedRun> {
  const write = writerThatCollects();
  write(() => writeJsonAtomically(folder.file('run.json'), run));
  const evidence = await gather();
  if (evidence.result !== null) write(() => writeJsonAtomically(folder.file('result.json'), evidence.result));
  const verdict = judge(evidence, failOn);
  write(() => writeJsonAtomically(folder.file('verdict.json'), verdict));
  const rendered = render(evidence, verdict);
  write(() => writeTextAtomically(folder.file('report.md'), rendered.markdown));
  write(() => writeTextAtomically(folder.file('junit.xml'), junitXml(rendered.suites())));
  const { knee } = rendered;
  if (knee !== null) write(() => writeTextAtomically(folder.file('breakpoint.svg'), knee));

  const observation = observe(evidence, verdict);
  const history = historyPath(prepared.config.PERF_HISTORY, run.scenario, run.profile);
  // A run that was cut short is none of the series, and one that cannot be compared has none.
  if (keepsHistory && !run.k6.interrupted && isComparable(run)) write(() => appendObservation(history, observation));
  // After that: the page shows this run as the newest of its history.
  const html = rendered.html(historyUpTo(prepared.config.PERF_HISTORY, run));
  write(() => writeTextAtomically(folder.file('report.html'), html));
  write(() => publishLatest(prepared, folder));
  await tellPrometheus(prepared, run, verdict, observation);
  return {
    path: folder.path,
    interrupted: run.k6.interrupted,
    verdict,
    headline: rendered.headline,
    subject: rendered,
    observation,
    console: rendered.console,
    problems: write.problems,
  };
}

/** A monitor that is gone spoils no verdict: it is said, and changes nothing. */
async function tellPrometheus(
  { config, request }: Asked,
  { scenario, profile, id }: Run,
  verdict: Verdict,
  observation: Observation,
): Promise<void> {
  const endpoint = endpointOf(config);
  if (endpoint === null) return;
  await push(endpoint, afterRun(runLabels(scenario, profile, id), verdict, observation)).catch(({ message }: Error) => {
    request.stream.write(`warning: Prometheus was not told how the run ended: ${message}\n`);
  });
}
