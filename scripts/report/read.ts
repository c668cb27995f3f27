import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../config';
import { latenciesOf } from '../ab/latencies';
import { comparisonSubject } from '../compare/subject';
import { comparisonView } from '../compare/view';
import { UserError } from '../errors';
import { fullHtml } from '../full/page';
import { fullSubject } from '../full/subject';
import { historyUpTo } from '../history/up-to';
import { abSchema } from '../result/ab';
import { CI_FORM, type Ci, ciSchema } from '../result/ci';
import { comparisonSchema } from '../result/comparison';
import { readEvidence } from '../result/evidence';
import { readJson } from '../result/files';
import { FULL_FORM, fullSchema } from '../result/full';
import { verdictSchema } from '../result/verdict';
import { readVersioned } from '../result/versioned';
import { comparisonHtml } from './html';
import { render } from './index';
import { problemSubject } from './problem';
import type { Reported } from './subject';

/**
 * Reads what folders hold: a judged run, a comparison (`comparison.json`), a full suite, or all that a pipeline measured.
 *
 * @throws UserError with everything that is wrong with any of them.
 */
export function readSubjects(folders: readonly string[]): Reported[] {
  const problems = repeated(folders);
  const subjects = folders.flatMap((folder) => {
    try {
      const subjects = existsSync(join(folder, 'ci.json')) ? readCi(folder) : [readSubject(folder)];
      // Two runs of the same scenario on the same server are told apart by nothing else.
      return folders.length === 1
        ? subjects
        : subjects.map((subject) => ({ ...subject, what: `${subject.what}, in ${folder}` }));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
      return [];
    }
  });
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  return subjects;
}

function readSubject(folder: string): Reported {
  if (existsSync(join(folder, 'full.json'))) return readFull(folder);
  if (existsSync(join(folder, 'comparison.json'))) return readComparison(folder);
  const evidence = readEvidence(folder);
  const path = join(folder, 'verdict.json');
  if (!existsSync(path)) throw new UserError(`${folder} has no verdict yet; run: fiml-perf judge ${folder}`);
  const rendered = render(evidence, readJson(path, verdictSchema, "the run's verdict"));
  const page = () => rendered.html(historyUpTo(parseConfig(process.env).PERF_HISTORY, evidence.run));
  return { ...rendered, page };
}

function readFull(folder: string): Reported {
  const full = readVersioned(join(folder, 'full.json'), FULL_FORM, fullSchema, "the full suite's result");
  return { ...fullSubject(full, folder), page: () => fullHtml(full) };
}

function readComparison(folder: string): Reported {
  const comparison = readJson(join(folder, 'comparison.json'), comparisonSchema, 'the comparison');
  const page = () => {
    const pairs = join(folder, 'ab.json');
    const latencies = existsSync(pairs) ? latenciesOf(readJson(pairs, abSchema, 'the pairs')) : [];
    return comparisonHtml(comparison, comparisonView(comparison), latencies);
  };
  return { ...comparisonSubject(comparison), page };
}

/** A part without a verdict is one of them, so that it cannot be missing without a word. */
function readCi(folder: string): Reported[] {
  const { parts }: Ci = readVersioned(join(folder, 'ci.json'), CI_FORM, ciSchema, 'what the pipeline measured');
  return parts.map(({ name, problem }) => {
    if (problem === null) return readSubject(join(folder, name));
    const page = () => {
      throw new UserError(`${folder}: ${name} has no page, since it was not measured: ${problem.reasons.join('; ')}`);
    };
    return { ...problemSubject(name, problem), page };
  });
}

/** One run that is told twice would look like two; results/latest is one of the others. */
function repeated(folders: readonly string[]): string[] {
  const real = folders.filter((folder) => existsSync(folder)).map((folder) => ({ folder, path: realpathSync(folder) }));
  return real.flatMap(({ folder, path }, at) => {
    const first = real.findIndex((other) => other.path === path);
    return first < at
      ? [`${folder} is given twice${folder === real[first]?.folder ? '' : `: it is ${real[first]?.folder}`}`]
      : [];
  });
}
