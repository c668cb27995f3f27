import { FaultError, parseFaults } from '../../../reference/faults';
import { referenceCommand } from '../../../reference/main';
import { OptionsError, type RawOptions, readOptions } from '../../../reference/options';

const read = (args: string[], env: NodeJS.ProcessEnv = {}) => {
  const command = referenceCommand().action(() => undefined);
  command.parse(args, { from: 'user' });
  return readOptions(command.opts<RawOptions>(), env);
};

const problemsOf = (action: () => unknown): readonly string[] => {
  try {
    action();
  } catch (error) {
    if (error instanceof OptionsError || error instanceof FaultError) return error.problems;
    throw error;
  }
  return [];
};

test('the defaults', () => {
  expect(read([])).toMatchObject({
    port: 8000,
    host: '127.0.0.1',
    controlPort: null,
    serviceTime: true,
    llm: true,
    spacedJson: false,
    workers: 1,
    redisUrl: null,
    databaseUrl: null,
    llmEndpoint: null,
    retryScale: 1,
    faults: { latencyAddMs: {}, errorRate: {}, freeze: false, capacity: null },
  });
});

test('an LLM needs all that its client is told, and the clients can be told to wait less', () => {
  const AZURE_OPENAI_ENDPOINT = 'http://127.0.0.1:1';
  const rest = { AZURE_OPENAI_API_KEY: 'key', AZURE_OPENAI_DEPLOYMENT_NAME: 'gpt' };
  expect(read(['--retry-scale', '0.05'], { AZURE_OPENAI_ENDPOINT, ...rest })).toMatchObject({
    llmEndpoint: { url: AZURE_OPENAI_ENDPOINT, apiKey: 'key', deployment: 'gpt' },
    retryScale: 0.05,
  });
  expect(read([], rest)).toMatchObject({ llmEndpoint: null });
  expect(problemsOf(() => read(['--retry-scale', '0'], { AZURE_OPENAI_ENDPOINT }))).toEqual([
    expect.stringContaining('AZURE_OPENAI_API_KEY: not set'),
    expect.stringContaining('AZURE_OPENAI_DEPLOYMENT_NAME: not set'),
    expect.stringContaining('--retry-scale'),
  ]);
});

test('faults by operation, group and layer', () => {
  const args = ['--latency-add-ms', '300', '--latency-add-ms', 'search=20', '--error-rate', '0.1'];
  args.push('--error-rate', 'data:search-quick=0.2', '--error-rate', 'inner=0.03', '--error-rate', 'health=0.5');
  expect(read(args)).toMatchObject({
    faults: {
      latencyAddMs: { all: 300, search: 20 },
      errorRate: { http: 0.1, 'data:search-quick': 0.2, inner: 0.03, 'http:health': 0.5 },
    },
  });
});

test('every problem is named at once', () => {
  const args = ['--port', '70000', '--sigma', 'wide', '--capacity', '0', '--leak-bytes', 'lots'];
  args.push('--latency-add-ms', 'search=', '--error-rate', 'data:health=0.1', '--latency-factor', 'nope=2');
  const problems = problemsOf(() => read(args, { REDIS_URL: 'http://here', DATABASE_URL: 'x' }));
  const named = [
    '--port',
    '--sigma',
    '--capacity',
    '--leak-bytes',
    '--latency-add-ms',
    '--error-rate',
    '--latency-factor',
  ];
  for (const name of [...named, 'REDIS_URL', 'DATABASE_URL']) {
    expect(problems.filter((problem) => problem.startsWith(`${name}:`))).toHaveLength(1);
  }
});

test.each([
  [{ errorRate: { http: 0.7, data: 0.4 } }, 'add up to more than 1'],
  [{ errorRate: { http: 1.5 } }, 'errorRate.http'],
  [{ frozen: true }, 'unknown fault "frozen"'],
  [{ capacity: 1.5 }, 'capacity'],
])('%j is refused', (faults, words) => {
  expect(problemsOf(() => parseFaults(faults)).join('\n')).toContain(words);
});
