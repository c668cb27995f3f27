import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { validateXML } from 'xmllint-wasm';

const SCHEMA = readFileSync(join(__dirname, '../fixtures/junit/junit.xsd'), 'utf8');

export interface SeenCase {
  readonly classname: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failure' | 'error' | 'skipped';
  readonly text: string;
}

export interface SeenSuite {
  readonly name: string;
  readonly counts: {
    readonly tests: number;
    readonly failures: number;
    readonly errors: number;
    readonly skipped: number;
  };
  readonly cases: readonly SeenCase[];
}

/** What a validating parser has against documents: nothing, if they are well-formed and as JUnit's readers expect them. */
export async function schemaErrors(documents: readonly string[]): Promise<string[]> {
  const { errors } = await validateXML({
    xml: documents.map((contents, at) => ({ fileName: `${at}.xml`, contents })),
    schema: [{ fileName: 'junit.xsd', contents: SCHEMA }],
  });
  return errors.map(({ rawMessage }) => rawMessage);
}

type Node = Readonly<Record<string, unknown>>;
const PARSER = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  parseTagValue: false,
  trimValues: false,
  isArray: (name) => ['testsuite', 'testcase', 'property'].includes(name),
});

/** The suites of a document, as another parser than the writer's reads them. */
export function suitesIn(xml: string): SeenSuite[] {
  const { testsuites } = PARSER.parse(xml) as { testsuites: { testsuite?: Node[] } };
  return (testsuites.testsuite ?? []).map((suite) => ({
    name: String(suite.name),
    counts: {
      tests: Number(suite.tests),
      failures: Number(suite.failures),
      errors: Number(suite.errors),
      skipped: Number(suite.skipped),
    },
    cases: ((suite.testcase as Node[] | undefined) ?? []).map(caseIn),
  }));
}

function caseIn(node: Node): SeenCase {
  const outcome = (['failure', 'error', 'skipped'] as const).find((word) => word in node) ?? 'passed';
  const told = outcome === 'passed' ? node['system-out'] : (node[outcome] as Node | undefined)?.message;
  return { classname: String(node.classname), name: String(node.name), outcome, text: String(told) };
}
