import { comparisonSubject } from '../compare/subject';
import { comparisonView } from '../compare/view';
import { comparisonHtml } from '../report/html';
import { junitXml } from '../report/junit/xml';
import type { Comparison } from '../result/comparison';
import { writeJsonAtomically, writeTextAtomically } from '../result/files';
import type { CollectingWriter } from '../result/writer';
import type { AbOutcome } from './index';
import { latenciesOf } from './latencies';

/** Leaves the pairs, the verdict on them and its reports in their folder. */
export function keepAb({ ab, folder }: AbOutcome, comparison: Comparison, write: CollectingWriter): void {
  write(() => writeJsonAtomically(folder.file('ab.json'), ab));
  write(() => writeJsonAtomically(folder.file('comparison.json'), comparison));
  const html = comparisonHtml(comparison, comparisonView(comparison), latenciesOf(ab));
  write(() => writeTextAtomically(folder.file('report.html'), html));
  write(() => writeTextAtomically(folder.file('junit.xml'), junitXml(comparisonSubject(comparison).suites())));
}
